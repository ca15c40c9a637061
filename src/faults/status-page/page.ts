import { models } from '../api/models.ts';
import type { Spell } from './spells.ts';

/** What a page is written from. */
export interface PageFacts {
  readonly spells: readonly Spell[];
  /** `Clock.now()` when the scenario was set. */
  readonly beganAtMs: number;
  readonly nowMs: number;
  /** How late spells are told of. */
  readonly lagMs: number;
}

const page = { id: 'tymt9n04zgry', name: 'Claude', url: 'https://status.claude.com', time_zone: 'Etc/UTC' };
/** The components of the page, and whether calls to the API are part of them. */
const components = [
  { id: 'rwppv331jlwc', name: 'claude.ai', isApi: false },
  { id: '0qbwn08sd68x', name: 'Claude Console (platform.claude.com)', isApi: false },
  { id: 'k8w3r06qmzrp', name: 'Claude API (api.anthropic.com)', isApi: true },
  { id: 'yyzkbfz2thpt', name: 'Claude Code', isApi: true },
];
/** An incident is "investigating" for this long, then "identified". */
const identifiedAfterMs = 300_000;
/** A page with no trouble to tell of changed when it was made. */
const madeAtMs = Date.UTC(2026, 0, 1);

const wordOf = { none: 'All Systems Operational', minor: 'Minor Service Outage', major: 'Major Service Outage' };
const rank = ['operational', 'degraded_performance', 'partial_outage', 'major_outage'];

/** All that the page says at one moment, by the path of each document below `/api/v2/`. */
export function documentsOf(facts: PageFacts): Readonly<Record<string, object>> {
  const told = facts.spells.flatMap((spell, index) => incidentOf(spell, index, facts) ?? []);
  const incidents = told.reverse();
  const unresolved = incidents.filter(({ status }) => status !== 'resolved');
  const worst = unresolved.reduce(
    (most, { worst }) => (rank.indexOf(worst) > rank.indexOf(most) ? worst : most),
    'operational',
  );
  const updatedAtMs = Math.max(madeAtMs, ...incidents.map(({ updated_at }) => Date.parse(updated_at)));
  const head = { page: { ...page, updated_at: iso(updatedAtMs) } };
  const indicator = worst === 'operational' ? 'none' : worst === 'major_outage' ? 'major' : 'minor';
  const status = { indicator, description: wordOf[indicator] };
  const parts = componentsWith(worst, updatedAtMs);
  const shown = (list: typeof incidents) => list.map(({ worst: _, ...incident }) => incident);
  const nothing = { ...head, scheduled_maintenances: [] };
  return {
    'summary.json': { ...head, components: parts, incidents: shown(unresolved), scheduled_maintenances: [], status },
    'status.json': { ...head, status },
    'components.json': { ...head, components: parts },
    'incidents.json': { ...head, incidents: shown(incidents) },
    'incidents/unresolved.json': { ...head, incidents: shown(unresolved) },
    'scheduled-maintenances.json': nothing,
    'scheduled-maintenances/upcoming.json': nothing,
    'scheduled-maintenances/active.json': nothing,
  };
}

function incidentOf(spell: Spell, index: number, { beganAtMs, nowMs, lagMs }: PageFacts) {
  const startMs = beganAtMs + spell.fromMs + lagMs;
  const endMs = spell.toMs === null ? Number.POSITIVE_INFINITY : beganAtMs + spell.toMs + lagMs;
  if (nowMs < startMs) return null;
  const of = spell.model === null ? 'across all models' : `on ${displayName(spell.model)}`;
  const words = [
    { status: 'investigating', atMs: startMs, body: `We are investigating elevated errors ${of}.` },
    { status: 'identified', atMs: startMs + identifiedAfterMs, body: 'The issue has been identified.' },
    { status: 'resolved', atMs: endMs, body: 'This incident has been resolved.' },
  ];
  const said = words.filter(({ status, atMs }) => atMs <= nowMs && (status !== 'identified' || atMs < endMs)).reverse();
  const id = `sim${Math.floor(beganAtMs).toString(36)}${index}`;
  const worst =
    spell.kind === 'errors' ? 'degraded_performance' : spell.model === null ? 'major_outage' : 'partial_outage';
  return {
    id,
    name: spell.kind === 'errors' ? `Elevated errors ${of}` : `Outage ${of}`,
    status: said[0]?.status ?? 'investigating',
    created_at: iso(startMs),
    updated_at: iso(said[0]?.atMs ?? startMs),
    monitoring_at: null,
    resolved_at: nowMs >= endMs ? iso(endMs) : null,
    impact: worst === 'major_outage' ? 'major' : 'minor',
    shortlink: `https://status.claude.com/incidents/${id}`,
    started_at: iso(startMs),
    page_id: page.id,
    incident_updates: said.map(({ status, atMs, body }, at) => ({
      id: `${id}-${said.length - at}`,
      status,
      body,
      incident_id: id,
      created_at: iso(atMs),
      updated_at: iso(atMs),
      display_at: iso(atMs),
      affected_components: [],
    })),
    components: componentsWith(worst, startMs).filter(({ status }) => status !== 'operational'),
    worst,
  };
}

function componentsWith(worst: string, updatedAtMs: number) {
  return components.map(({ id, name, isApi }, index) => ({
    id,
    name,
    status: isApi ? worst : 'operational',
    position: index + 1,
    description: null,
    group: false,
    created_at: iso(madeAtMs),
    updated_at: iso(updatedAtMs),
    page_id: page.id,
    only_show_if_degraded: false,
  }));
}

/** A page calls models as people do. */
function displayName(model: string): string {
  return models.find(({ id }) => id === model)?.displayName ?? model;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
