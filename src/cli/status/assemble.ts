import type { Signal } from '../../alerts/alert.ts';
import type { Verdict } from '../../diagnosis/verdict.ts';
import type { Engine } from '../../engine/engine.ts';
import type { RouteView } from '../../engine/routes.ts';
import type { HealthSnapshot, HealthState, RouteHealth } from '../../health/state.ts';
import type { Standing } from '../../queue/standing.ts';
import { apiStatus } from '../../status/book.ts';
import type { StatusState } from '../../status/state.ts';
import type { PageReport, RouteReport, StatusReport } from './report.ts';

/** Where the parts of a report come from; all are asked when somebody looks. */
export interface ReportSources {
  readonly version: string;
  readonly startedAtMs: number;
  now(): number;
  /** Address of the default upstream. */
  upstream(): string;
  /** In force now. */
  engine(): Engine | null;
  /** null: it is not watched. */
  page(): StatusState | null;
  alerts(): readonly Signal[];
  /** null: nobody keeps watch. */
  health(): HealthSnapshot | null;
  verdict(): Promise<Verdict | null>;
  /** null: there is no queue, or it cannot be asked. */
  queue(): Promise<Standing | null>;
}

/** Callers name the models: beyond so many routes a report would be of no use. */
const routesMax = 200;

/** Puts a report together. */
export async function assembleReport(sources: ReportSources): Promise<StatusReport> {
  // A store that fails must not hide how everything else stands.
  const [verdict, queue] = await Promise.all([sources.verdict().catch(() => null), sources.queue().catch(() => null)]);
  const engine = sources.engine();
  const page = sources.page();
  return {
    version: sources.version,
    atMs: Math.round(sources.now()),
    startedAtMs: Math.round(sources.startedAtMs),
    upstream: sources.upstream(),
    calls: { running: engine?.gauges.running ?? 0, waiting: engine?.gauges.waiting ?? 0 },
    verdict,
    routes: routesOf(engine?.routes() ?? [], sources.health()),
    queue,
    page: page === null ? null : pageOf(page),
    alerts: sources.alerts().map(({ level, title }) => ({ level, title })),
  };
}

type Health = Pick<RouteReport, 'state' | 'errorShare' | 'firstByteMs'>;

const unknownHealth: Health = { state: null, errorShare: null, firstByteMs: null };

function healthOf({ state, short, firstByteMs }: RouteHealth): Health {
  const failures = Object.values(short.failures).reduce((sum, count) => sum + count, 0);
  return { state, errorShare: short.attempts === 0 ? null : failures / short.attempts, firstByteMs };
}

/** One line a route: those of several credentials are one, which shows the worst of them. */
function routesOf(views: readonly RouteView[], snapshot: HealthSnapshot | null): RouteReport[] {
  const health = new Map(snapshot?.routes.map((route) => [route.route, healthOf(route)]));
  const byRoute = new Map<string, RouteReport>();
  // Those used last come first.
  for (const view of views.toReversed()) {
    const { label, breaker, calls, cooldownMs, budgetTokens } = view;
    const known = byRoute.get(label);
    const own = { route: label, ...(health.get(label) ?? unknownHealth), breaker, calls, cooldownMs, budgetTokens };
    byRoute.set(label, known === undefined ? own : worseOf(known, own));
  }
  const trouble = ({ state, breaker }: RouteReport) =>
    (state === null ? 0 : stateRank[state]) * 3 + breakerRank[breaker];
  return [...byRoute.values()].sort((a, b) => trouble(b) - trouble(a)).slice(0, routesMax);
}

const breakerRank = { closed: 0, 'half-open': 1, open: 2 } as const;
const stateRank: Readonly<Record<HealthState, number>> = { healthy: 0, recovering: 1, degraded: 2, down: 3 };

function worseOf(a: RouteReport, b: RouteReport): RouteReport {
  return {
    ...a,
    breaker: breakerRank[a.breaker] >= breakerRank[b.breaker] ? a.breaker : b.breaker,
    calls: a.calls + b.calls,
    cooldownMs: Math.max(a.cooldownMs, b.cooldownMs),
    budgetTokens: Math.min(a.budgetTokens, b.budgetTokens),
  };
}

function pageOf(state: StatusState): PageReport {
  const { source, readAtMs, problem, incidents, maintenances } = state;
  return {
    source: source === null ? null : new URL(source).host,
    api: apiStatus(state),
    readAtMs: readAtMs === null ? null : Math.round(readAtMs),
    problem,
    incidents,
    maintenances,
  };
}
