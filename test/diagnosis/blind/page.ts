import type { Random } from '../../../src/core/random.ts';
import { modelsNamed } from '../../../src/status/models-named.ts';
import type { Indicator, StatusComponent, StatusIncident, StatusState } from '../../../src/status/state.ts';
import { unread } from '../../../src/status/state.ts';
import { between } from './chance.ts';

const api = 'Claude API (api.anthropic.com)';
const components: readonly StatusComponent[] = [
  { id: 'rwppv331jlwc', name: 'claude.ai', status: 'operational' },
  { id: '0qbwn08sd68x', name: 'Claude Console (platform.claude.com)', status: 'operational' },
  { id: 'k8w3r06qmzrp', name: api, status: 'operational' },
  { id: 'yyzkbfz2thpt', name: 'Claude Code', status: 'operational' },
];

/** The page with nothing to tell. @param atMs when somebody asks */
export function greenPage(random: Random, atMs: number): StatusState {
  const readAtMs = atMs - Math.floor(between(random, 1_000, 60_000));
  return { ...unread, source: 'https://status.claude.com', readAtMs, indicator: 'none', components };
}

/** What an incident is told with. */
export interface Told {
  readonly name: string;
  readonly text: string;
  readonly impact: Indicator;
  readonly createdAtMs: number;
  readonly status?: string;
  /** Names of components, by a part of them; default: the API. */
  readonly touches?: readonly string[];
}

/** The page with an incident that is not over. */
export function redPage(random: Random, atMs: number, told: Told): StatusState {
  const page = greenPage(random, atMs);
  const touched = components
    .filter(({ name }) => (told.touches ?? [api]).some((part) => name.includes(part)))
    .map(({ name }) => name);
  const worst = told.impact === 'minor' ? 'degraded_performance' : 'major_outage';
  return {
    ...page,
    indicator: told.impact,
    components: components.map((each) => (touched.includes(each.name) ? { ...each, status: worst } : each)),
    incidents: [incidentOf(random, told, touched)],
  };
}

function incidentOf(random: Random, told: Told, touched: readonly string[]): StatusIncident {
  const { name, text, impact, createdAtMs } = told;
  return {
    ...{ id: random.id().slice(0, 12), kind: 'incident', name, status: told.status ?? 'investigating', impact },
    ...{ createdAtMs, updatedAtMs: createdAtMs, scheduledForMs: null, scheduledUntilMs: null },
    ...{ models: modelsNamed(`${name}. ${text}`), components: touched, text, link: null },
  };
}

/** The page with a maintenance to come. */
export function maintenancePage(random: Random, atMs: number, inMs: number): StatusState {
  const told: Told = {
    name: 'Scheduled maintenance of the API',
    text: 'Requests may fail for short moments.',
    ...{ impact: 'maintenance', createdAtMs: atMs - 3 * 86_400_000, status: 'scheduled' },
  };
  const incident = incidentOf(random, told, [api]);
  const scheduledForMs = atMs + inMs;
  const dates = { scheduledForMs, scheduledUntilMs: scheduledForMs + 3_600_000 };
  return { ...greenPage(random, atMs), maintenances: [{ ...incident, ...dates, kind: 'maintenance' }] };
}

/** The page as it was last seen, before looking at it began to fail. @param why one word of the cause */
export function lostPage(random: Random, sinceMs: number, why: string): StatusState {
  const hosts = ['status.claude.com', 'anthropic.statuspage.io'];
  return { ...greenPage(random, sinceMs), problem: hosts.map((host) => `${host}: ${why}`).join('; ') };
}
