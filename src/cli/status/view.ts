import { span, took } from '../../core/duration.ts';
import type { StatusIncident } from '../../status/state.ts';
import { counted, fit, labelled, labelWidth, type Paint, timeOfDay } from '../text.ts';
import type { PageReport, RouteReport, StatusReport } from './report.ts';

export interface ViewOptions {
  /** Where the gateway was asked. */
  readonly url: string;
  readonly columns: number;
  /** Lines there is room for; Infinity where it scrolls. */
  readonly rows: number;
  readonly paint: Paint;
}

/** Of each list so many are shown; the rest is counted. */
const incidentsShown = 3;
/** What stands around the table of routes, at least: it gets what is left of the screen. */
const routesShownMin = 4;
/** Shorter names are filled up to this, longer ones than the other are cut. */
const nameWidthMin = 28;
const nameWidthMax = 44;
/** A wider table would be hard to follow from one end of a line to the other. */
const columnsMax = 120;

/** The whole view as lines, none wider than the terminal. */
export function viewLines(report: StatusReport, options: ViewOptions): string[] {
  const width = Math.min(options.columns, columnsMax);
  const { paint } = options;
  const head = headLines(report, options, width);
  const foot = [
    ...queueLines(report, width, paint),
    ...pageLines(report, width, paint),
    ...report.alerts.flatMap(({ title }, index) => labelled(index === 0 ? 'Alerts' : '', title, width, paint)),
  ];
  const room = Math.max(options.rows - head.length - foot.length - 3, routesShownMin);
  const lines = [...head, '', ...routeLines(report.routes, width, room, paint), '', ...foot];
  return lines.slice(0, options.rows).map((line) => line.trimEnd());
}

function headLines(report: StatusReport, { url, paint }: ViewOptions, width: number): string[] {
  const { running, waiting } = report.calls;
  const clock = timeOfDay(report.atMs);
  const title = `ridethrough ${report.version} on ${url} → ${report.upstream}`;
  const up = `up ${span(report.atMs - report.startedAtMs)}`;
  return [
    `${paint('bold', fit(title, width - clock.length - 1))} ${paint('dim', clock)}`,
    ...labelled('Calls', `${running} running, ${waiting} waiting for a route; ${up}`, width, paint),
    ...verdictLines(report, width, paint),
  ];
}

function verdictLines({ verdict }: StatusReport, width: number, paint: Paint): string[] {
  if (verdict === null) return [];
  const { fault, confidence, sinceMs, summary, doing, advice } = verdict;
  if (fault === 'nothing is wrong') return [`${paint('dim', fit('Verdict', labelWidth))}${paint('green', fault)}`];
  // Not to know whose fault it is, is no alarm, and nobody is sure of it.
  const isUnclear = fault === 'unclear';
  const since = sinceMs === null ? '' : `, since ${timeOfDay(sinceMs)}`;
  const sure = isUnclear ? '' : ` (${Math.round(confidence * 100)} % sure${since})`;
  const lines = labelled('Verdict', `${fault}${sure}`, width, paint);
  return [
    ...lines.map((line) => line.replace(fault, paint(isUnclear ? 'yellow' : 'red', fault))),
    ...labelled('', summary, width, paint),
    ...labelled('Now', doing, width, paint),
    ...labelled('To do', advice, width, paint),
  ];
}

/** The columns of the table beside the route's name: head, width, and what stands in them. */
const columns: ReadonlyArray<readonly [string, number, (route: RouteReport) => string]> = [
  ['STATE', 10, ({ state }) => state ?? '–'],
  ['ERRORS', 6, ({ errorShare }) => (errorShare === null ? '–' : `${percent(errorShare)} %`)],
  ['FIRST BYTE', 10, ({ firstByteMs }) => (firstByteMs === null ? '–' : took(firstByteMs))],
  ['BREAKER', 9, ({ breaker, cooldownMs }) => (cooldownMs > 0 ? `429 ${span(cooldownMs)}` : breaker)],
  ['CALLS', 5, ({ calls }) => String(calls)],
  ['BUDGET', 6, ({ budgetTokens }) => String(Math.floor(budgetTokens))],
];
const gap = '  ';

function routeLines(routes: readonly RouteReport[], width: number, room: number, paint: Paint): string[] {
  if (routes.length === 0) return [paint('dim', 'No call has been made yet.')];
  // A name that is cut may be that of another model: rather, columns go from the right.
  const wanted = Math.min(Math.max(...routes.map(({ route }) => route.length)), nameWidthMax);
  const kept = columns.filter((_, index) => width - widthOf(columns.slice(0, index + 1)) >= wanted);
  const nameWidth = Math.max(Math.min(width - widthOf(kept), Math.max(wanted, nameWidthMin)), 1);
  const head = [fit('ROUTE', nameWidth), ...kept.map(([name, cells]) => fit(name, cells))].join(gap);
  const shown = routes.length > room ? routes.slice(0, room - 1) : routes;
  const lines = shown.map((route) => {
    const cells = kept.map(([name, cellWidth, cell]) => coloured(name, fit(cell(route), cellWidth), route, paint));
    return [fit(route.route, nameWidth), ...cells].join(gap);
  });
  const hidden = routes.length - shown.length;
  return [paint('dim', head), ...lines, ...(hidden > 0 ? [paint('dim', `and ${counted(hidden, 'more route')}`)] : [])];
}

function widthOf(some: typeof columns): number {
  return some.reduce((sum, [, width]) => sum + width + gap.length, 0);
}

function coloured(column: string, cell: string, { state, breaker }: RouteReport, paint: Paint): string {
  if (column === 'STATE' && state === 'down') return paint('red', cell);
  if (column === 'STATE' && state === 'healthy') return paint('green', cell);
  if (column === 'STATE' && state !== null) return paint('yellow', cell);
  if (column === 'BREAKER' && breaker === 'open') return paint('red', cell);
  return column === 'BREAKER' && breaker === 'half-open' ? paint('yellow', cell) : cell;
}

function queueLines({ queue }: StatusReport, width: number, paint: Paint): string[] {
  if (queue === null) return [];
  const { waiting, running, offloaded, quarantined, oldestAgeMs } = queue;
  const parts = [`${waiting} waiting`, `${running} running`];
  if (offloaded > 0) parts.push(`${offloaded} in batches upstream`);
  if (quarantined > 0) parts.push(`${quarantined} quarantined`);
  if (oldestAgeMs !== null) parts.push(`the oldest has waited ${span(oldestAgeMs)}`);
  return labelled('Queue', parts.join(', '), width, paint);
}

function pageLines({ page, atMs }: StatusReport, width: number, paint: Paint): string[] {
  if (page === null) return [];
  const all = [...page.incidents, ...page.maintenances];
  const shown = all
    .slice(0, incidentsShown)
    .flatMap((incident) => labelled('', incidentText(incident, atMs), width, paint));
  const hidden = all.length - incidentsShown;
  const more = hidden > 0 ? labelled('', `and ${hidden} more`, width, paint) : [];
  return [...labelled('Page', pageText(page, atMs), width, paint), ...shown, ...more];
}

function pageText({ source, api, readAtMs, problem }: PageReport, atMs: number): string {
  const trouble = problem === null ? '' : `; it cannot be read now: ${problem}`;
  if (readAtMs === null || source === null) return problem === null ? 'not read yet' : `cannot be read: ${problem}`;
  return `${source} says of the API: ${api} (read ${span(atMs - readAtMs)} ago)${trouble}`;
}

function incidentText({ kind, name, status, createdAtMs, scheduledForMs }: StatusIncident, atMs: number): string {
  const startMs = kind === 'maintenance' ? (scheduledForMs ?? createdAtMs) : createdAtMs;
  const when = startMs > atMs ? `in ${span(startMs - atMs)}` : `for ${span(atMs - startMs)}`;
  return `${status.replaceAll('_', ' ')} ${when}: ${name}`;
}

function percent(share: number): string {
  const value = share * 100;
  return value > 0 && value < 1 ? value.toFixed(1) : String(Math.round(value));
}
