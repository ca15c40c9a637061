import { shortMs } from '../../health/limits.ts';
import { againstRoute, firstByteText } from '../../health/route.ts';
import type { RouteHealth } from '../../health/state.ts';
import { apiComponent, concerns, touchesApi } from '../../status/state.ts';
import type { Canary, Evidence } from '../verdict.ts';
import { canaryEvidence } from './network.ts';
import { singledOut } from './singled-out.ts';
import { type Facts, failed, isServed, recent, type Suspect, type Suspicion, share } from './suspicion.ts';

/** Models and providers in trouble: what fails, and what beside it goes well. */
export const providerSuspect: Suspect = (facts) => {
  const upstreams = new Set(facts.health.routes.map(({ upstream }) => upstream));
  return [...[...upstreams].flatMap((upstream) => ofUpstream(facts, upstream)), ...goneModels(facts)];
};

interface PageWord {
  /** Whether it names the model. */
  readonly names: boolean;
  readonly text: string;
}

/** What is known of one upstream that is in trouble. */
interface Scene {
  readonly upstream: string;
  /** Routes in trouble; those that fail too often to be witnesses; those that are served. */
  readonly sick: readonly RouteHealth[];
  readonly shaky: readonly RouteHealth[];
  readonly well: readonly RouteHealth[];
  /** Whether one of them was served since it began, and not just before. */
  readonly witnessed: boolean;
  /** Whether another upstream serves the same model. */
  readonly elsewhere: boolean;
  /** null: nobody has looked. */
  readonly look: Canary | null;
  /** What the status page says to it; null where it says nothing. */
  readonly told: PageWord | null;
}

function ofUpstream(facts: Facts, upstream: string): Suspicion[] {
  const { reached, unreached } = facts.health.network;
  // Where nothing can be reached at all it is the way that is broken, and nobody knows how they are.
  if (reached.length === 0 && unreached.includes(upstream)) return [];
  const routes = facts.health.routes.filter((route) => route.upstream === upstream && route.model !== null);
  const look = facts.canaries.find((canary) => canary.upstream === upstream) ?? null;
  const sick = routes.filter((route) => isSick(route, isFailing(look)));
  const [first] = sick;
  if (first === undefined) return [];
  const shaky = routes.filter((route) => !sick.includes(route) && isShaky(route));
  if (singledOut(facts, upstream) !== null) return [];
  // Something else answers there.
  if (sick.every(({ lastFailure }) => lastFailure?.code === 'not_claude')) return [];
  const sinceMs = sinceOf(sick);
  const servedSince = (route: RouteHealth, fromMs: number) => (route.lastSuccessAtMs ?? 0) > fromMs;
  const isWell = (route: RouteHealth) =>
    isServed(route) && route.long.attempts >= 3 && servedSince(route, (sinceMs ?? 0) - shortMs);
  const well = routes.filter((route) => isWell(route) && !sick.includes(route) && !shaky.includes(route));
  const elsewhere = facts.health.routes.some(
    (route) => route.upstream !== upstream && isServed(route) && route.model === first.model,
  );
  const witnessed = well.some((route) => servedSince(route, sinceMs ?? 0));
  const scene: Scene = { upstream, sick, shaky, well, witnessed, elsewhere, look, told: pageWord(facts, first) };
  return [{ ...accused(scene), sinceMs, failure: first.lastFailure, evidence: evidenceOf(scene) }];
}

/** One model, or all that its provider has: whoever else is well, or in trouble too, decides. */
function accused(scene: Scene): Pick<Suspicion, 'fault' | 'subject' | 'confidence'> {
  const { upstream, sick, shaky, well, witnessed, elsewhere, look, told } = scene;
  const isSure = sick.some(isProven);
  const lookFails = isFailing(look);
  const bonus = (told === null ? 0 : 0.04) + (lookFails ? 0.04 : 0);
  const model = (confidence: number) => ({ fault: 'this model' as const, subject: names(sick), confidence });
  const provider = (confidence: number) => ({ fault: 'this provider' as const, subject: upstream, confidence });
  const troubled = sick.length + shaky.length;
  if (well.length > 0 && !elsewhere && !lookFails) {
    // The more of an upstream's models are in trouble together, the less it is any one of them.
    const isOne = troubled === 1 || (shaky.length === 0 && well.length >= sick.length);
    if (!isOne) return provider(Math.min(0.7 + bonus, 0.79));
    const sure = isSure ? (sick.length === 1 ? 0.88 : 0.75) : 0.55;
    return model(Math.min(sure, witnessed ? 1 : 0.66) + (told?.names ? 0.06 : 0));
  }
  if (troubled > 1 || elsewhere) {
    if (!isSure) return provider(0.6 + bonus);
    return provider((well.length > 0 || sick.length === 1 ? 0.74 : 0.87) + bonus);
  }
  // One model is all that was asked for: what else there is tells whether the others would go.
  if (told?.names) return model(0.76);
  if (lookFails) return provider(isSure ? 0.84 + bonus : 0.66);
  if (told !== null) return provider(isSure ? 0.78 : 0.6);
  if (look !== null) return model(isSure ? 0.66 : 0.45);
  return provider(isSure ? 0.6 : 0.45);
}

function evidenceOf({ sick, shaky, well, look, told }: Scene): Evidence[] {
  const evidence = [...[...sick, ...shaky].slice(0, 3).map(sickness), ...well.slice(0, 2).map(wellness)];
  if (look !== null) evidence.push(canaryEvidence([look]));
  if (told !== null) evidence.push({ from: 'status page', text: told.text });
  return evidence;
}

function isFailing(look: Canary | null): boolean {
  return look !== null && (look.status === null || look.status >= 500);
}

/** In trouble by the detector; or, where too little is asked for that, failing, and most attempts did or a look does too. */
function isSick(route: RouteHealth, lookFails: boolean): boolean {
  if (isProven(route)) return true;
  const bad = againstRoute(route.long);
  return route.failingSinceMs !== null && bad >= 2 && (lookFails || bad * 2 >= route.long.attempts);
}

/** The detector says so; or it has seen a good sign, but a third of the attempts still fail. */
function isProven(route: RouteHealth): boolean {
  if (route.state === 'down' || route.state === 'degraded') return true;
  const counts = recent(route);
  return route.state === 'recovering' && againstRoute(counts) >= 2 && againstRoute(counts) * 3 >= counts.attempts;
}

/** Not in trouble by itself, but a tenth of its attempts and more fail: no witness that others are well. */
function isShaky(route: RouteHealth): boolean {
  const counts = recent(route);
  const bad = againstRoute(counts);
  return bad >= 2 && bad * 10 >= counts.attempts;
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
    ? `${route.route} answers, but its first byte takes ${firstByteText(route.firstByteMs)} instead of ${firstByteText(route.usualFirstByteMs)}.`
    : `${share(againstRoute(counts), counts.attempts)} on ${route.route} failed.`;
  return { from: 'attempts', text };
}

function wellness({ route, long }: RouteHealth): Evidence {
  return { from: 'attempts', text: `${route} is served: ${share(againstRoute(long), long.attempts)} failed.` };
}

/** What the status page says of a route; null: nothing. */
function pageWord({ page }: Facts, { model }: RouteHealth): PageWord | null {
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
