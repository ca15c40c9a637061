import { charactersMax, entriesMax } from './limits.ts';
import { modelsNamed } from './models-named.ts';
import { type Indicator, isOver, type StatusComponent, type StatusIncident } from './state.ts';

/** One look at the page, read and checked. */
export interface StatusPage {
  readonly indicator: Indicator;
  readonly components: readonly StatusComponent[];
  /** Incidents and maintenances that are not over. */
  readonly incidents: readonly StatusIncident[];
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const indicators: ReadonlySet<unknown> = new Set(['none', 'maintenance', 'minor', 'major', 'critical']);

/** Reads `summary.json`. Null for what is no page, whatever JSON it is; entries that cannot be read are left out. */
export function parseSummary(value: unknown): StatusPage | null {
  if (!isObject(value) || !isObject(value.page) || !isObject(value.status)) return null;
  if (!Array.isArray(value.components) || !Array.isArray(value.incidents)) return null;
  const maintenances = Array.isArray(value.scheduled_maintenances) ? value.scheduled_maintenances : [];
  const incidents = [
    ...entries(value.incidents, (each) => parseIncident(each, 'incident')),
    ...entries(maintenances, (each) => parseIncident(each, 'maintenance')),
  ];
  return {
    indicator: indicatorOf(value.status.indicator),
    components: entries(value.components, parseComponent),
    incidents: incidents.filter((incident) => !isOver(incident)),
  };
}

/** Reads a component; null for what is none. */
export function parseComponent(value: unknown): StatusComponent | null {
  if (!isObject(value)) return null;
  const { id, name, status } = value;
  if (!isText(id) || !isText(name) || !isText(status)) return null;
  return { id: short(id), name: short(name), status: short(status) };
}

/** Reads an incident or a maintenance; null for what is none. */
export function parseIncident(value: unknown, kind: StatusIncident['kind']): StatusIncident | null {
  if (!isObject(value) || !isText(value.id) || !isText(value.name) || !isText(value.status)) return null;
  const createdAtMs = instant(value.created_at);
  if (createdAtMs === null) return null;
  // Newest first, as the page has them.
  const updates = entries(Array.isArray(value.incident_updates) ? value.incident_updates : [], textOf);
  const components = entries(Array.isArray(value.components) ? value.components : [], parseComponent);
  return {
    id: short(value.id),
    kind,
    name: short(value.name),
    status: short(value.status),
    impact: indicatorOf(value.impact),
    createdAtMs,
    updatedAtMs: Math.max(createdAtMs, instant(value.updated_at) ?? 0),
    scheduledForMs: kind === 'maintenance' ? instant(value.scheduled_for) : null,
    scheduledUntilMs: kind === 'maintenance' ? instant(value.scheduled_until) : null,
    models: modelsOf(value.name, updates),
    components: components.map(({ name }) => name),
    text: short(updates[0] ?? ''),
    link: linkOf(value.shortlink),
  };
}

/** The title knows best; texts speak of models that are well, too. */
function modelsOf(title: string, updates: readonly string[]): string[] {
  const inTitle = modelsNamed(title);
  return inTitle.length > 0 ? inTitle : modelsNamed(updates.join('\n'));
}

/** What a person may open: nothing that a click would run, and nothing that a terminal would obey. */
function linkOf(value: unknown): string | null {
  return isText(value) && value.length <= charactersMax && /^https?:\/\/[!#-;=?-~]+$/.test(value) ? value : null;
}

function textOf(value: unknown): string | null {
  return isObject(value) && isText(value.body) ? value.body.slice(0, 10 * charactersMax) : null;
}

function entries<T>(list: readonly unknown[], read: (value: unknown) => T | null): T[] {
  return list.slice(0, entriesMax).flatMap((each) => read(each) ?? []);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** One line without control characters: it is printed on terminals. */
function short(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > charactersMax ? `${line.slice(0, charactersMax - 1)}…` : line;
}

function instant(value: unknown): number | null {
  const ms = isText(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

function indicatorOf(value: unknown): Indicator {
  return indicators.has(value) ? (value as Indicator) : 'unknown';
}
