import { againstRoute } from '../../health/route.ts';
import type { RouteHealth } from '../../health/state.ts';
import { apiComponent, concerns, touchesApi } from '../../status/state.ts';
import type { Evidence } from '../verdict.ts';
import { canaryEvidence } from './network.ts';
import { type Facts, failed, isServed, recent, type Suspect, type Suspicion, share } from './suspicion.ts';

/** Models and providers in trouble: what fails, and what beside it goes well. */
export const providerSuspect: Suspect = (facts) => {
  const upstreams = new Set(facts.health.routes.map(({ upstream }) => upstream));
  return [...[...upstreams].flatMap((upstream) => ofUpstream(facts, upstream)), ...goneModels(facts)];
};

function ofUpstream(facts: Facts, upstream: string): Suspicion[] {
  const routes = facts.health.routes.filter((route) => route.upstream === upstream && route.model !== null);
  const sick = routes.filter(isSick);
  const [first] = sick;
  if (first === undefined) return [];
  const well = routes.filter((route) => !sick.includes(route) && isServed(route) && route.long.attempts >= 3);
  const evidence: Evidence[] = [...sick.slice(0, 3).map(sickness), ...well.slice(0, 2).map(wellness)];
  const look = facts.canaries.find((canary) => canary.upstream === upstream);
  if (look !== undefined) evidence.push(canaryEvidence([look]));
  const told = pageWord(facts, first);
  if (told !== null) evidence.push({ from: 'status page', text: told.text });
  const common = { sinceMs: sinceOf(sick), failure: first.lastFailure, evidence };
  const isSure = sick.some(({ state }) => state === 'down' || state === 'degraded');
  const elsewhere = facts.health.routes.some(
    (route) => route.upstream !== upstream && isServed(route) && route.model === first.model,
  );
  const lookFails = look !== undefined && (look.status === null || look.status >= 500);
  const bonus = (told === null ? 0 : 0.04) + (lookFails ? 0.04 : 0);
  if (well.length > 0 && !elsewhere) {
    // The more of an upstream's models are in trouble together, the less it is any one of them.
    const one = sick.length === 1 || well.length >= sick.length;
    const sure = (isSure ? (sick.length === 1 ? 0.88 : 0.75) : 0.55) + (told?.names ? 0.06 : 0);
    if (one)
      return [{ fault: 'this model', subject: names(sick), confidence: lookFails ? sure - 0.15 : sure, ...common }];
    return [{ fault: 'this provider', subject: upstream, confidence: Math.min(0.7 + bonus, 0.79), ...common }];
  }
  if (sick.length > 1 || elsewhere) {
    const sure = isSure ? 0.87 : 0.6;
    return [{ fault: 'this provider', subject: upstream, confidence: sure + bonus, ...common }];
  }
  // One model is all that was asked for: what else there is tells whether the others would go.
  if (told?.names) return [{ fault: 'this model', subject: names(sick), confidence: 0.76, ...common }];
  if (lookFails)
    return [{ fault: 'this provider', subject: upstream, confidence: isSure ? 0.84 + bonus : 0.66, ...common }];
  if (told !== null) return [{ fault: 'this provider', subject: upstream, confidence: isSure ? 0.78 : 0.6, ...common }];
  if (look !== undefined)
    return [{ fault: 'this model', subject: names(sick), confidence: isSure ? 0.66 : 0.45, ...common }];
  return [{ fault: 'this provider', subject: upstream, confidence: isSure ? 0.6 : 0.45, ...common }];
}

/** In trouble by the detector; or, where too little is asked for that, nothing but failures, at least two. */
function isSick(route: RouteHealth): boolean {
  if (route.state === 'down' || route.state === 'degraded') return true;
  const bad = againstRoute(route.long);
  return route.failingSinceMs !== null && bad >= 2 && bad * 2 >= route.long.attempts;
}

/** Models that are named in vain: retired, suspended, misspelt. */
function goneModels({ health }: Facts): Suspicion[] {
  return health.routes.flatMap((route) => {
    const count = failed(recent(route), 'model');
    if (count === 0 || route.lastFailure?.class !== 'model') return [];
    const text = `${share(count, recent(route).attempts)} for ${route.model} were told that it is not to be had.`;
    const confidence = Math.min(0.7 + 0.02 * count, 0.79);
    const common = { sinceMs: route.failingSinceMs, failure: route.lastFailure };
    return [
      { fault: 'this model', subject: route.model, confidence, ...common, evidence: [{ from: 'attempts', text }] },
    ];
  });
}

function sickness(route: RouteHealth): Evidence {
  const counts = recent(route);
  const slow = againstRoute(counts) * 4 < counts.attempts && route.usualFirstByteMs !== null;
  const text = slow
    ? `${route.route} answers, but its first byte takes ${seconds(route.firstByteMs)} instead of ${seconds(route.usualFirstByteMs)}.`
    : `${share(againstRoute(counts), counts.attempts)} on ${route.route} failed.`;
  return { from: 'attempts', text };
}

function wellness({ route, long }: RouteHealth): Evidence {
  return { from: 'attempts', text: `${route} is served: ${share(againstRoute(long), long.attempts)} failed.` };
}

/** What the status page says of it; null: nothing. */
function pageWord({ page }: Facts, { model }: RouteHealth): { names: boolean; text: string } | null {
  if (page === null || page.readAtMs === null) return null;
  const open = page.incidents.filter((incident) => incident.kind === 'incident' && touchesApi(incident));
  const named = open.find((incident) => model !== null && incident.models.length > 0 && concerns(incident, model));
  const incident = named ?? open.find(({ models }) => models.length === 0);
  if (incident !== undefined)
    return {
      names: named !== undefined,
      text: `The status page has an incident: ${incident.name} (${incident.status}).`,
    };
  const api = apiComponent(page);
  if (api === undefined || /^(operational|under_maintenance)$/.test(api.status)) return null;
  return { names: false, text: `The status page calls the API ${api.status.replaceAll('_', ' ')}.` };
}

function sinceOf(routes: readonly RouteHealth[]): number | null {
  const times = routes.flatMap(({ sinceMs, failingSinceMs }) => sinceMs ?? failingSinceMs ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

function names(routes: readonly RouteHealth[]): string {
  return routes.map(({ model }) => model).join(', ');
}

function seconds(delayMs: number | null): string {
  return delayMs === null ? 'an unknown time' : `${(delayMs / 1000).toFixed(1)} s`;
}
