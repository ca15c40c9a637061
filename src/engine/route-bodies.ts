import type { Body, Call, RawHeaders } from '../core/call.ts';
import type { Failure } from '../core/outcome.ts';
import { asksForLongContext, betasNamedIn, betasOf, refusedBetas, withoutBetas } from '../wire/betas.ts';
import { adaptForModel } from '../wire/fallback-body.ts';
import { replaceMembers } from '../wire/json-edit.ts';
import { scanMembers } from '../wire/json-scan.ts';
import { modelFacts } from '../wire/models.ts';
import { stripThinking } from '../wire/strip-thinking.ts';
import type { Route } from './routes.ts';

interface Prepared {
  readonly body: Body;
  readonly adapted: readonly string[];
  /** Left out of `anthropic-beta`. */
  readonly betas: readonly string[];
}

/** In `adapted`: thinking was left out of the history, and the answer's own goes with it. */
const thinkingHistory = 'thinking_history';

const modelMember: ReadonlySet<string> = new Set(['model']);

/**
 * The request body for each route. The first route gets the caller's bytes, with the upstream's name
 * for the model where it has one of its own; a fallback target gets what it needs to be asked the
 * same (R11), or is left out when it could not answer. Made when first needed.
 */
export class RouteBodies {
  readonly #call: Call;
  readonly #routes: readonly Route[];
  /** Made with the first route that is sent something else than what came. */
  #prepared: Map<Route, Prepared | null> | null = null;
  readonly #asSent: Prepared;

  constructor(call: Call, routes: readonly Route[]) {
    this.#call = call;
    this.#routes = routes;
    this.#asSent = { body: call.body, adapted: [], betas: [] };
  }

  /** False for a target that would refuse this request: it is not asked. */
  isUsable(route: Route): boolean {
    return this.#prepare(route) !== null;
  }

  for(route: Route): Body {
    return this.#prepare(route)?.body ?? this.#call.body;
  }

  /** The headers for this route, without the betas that it does not know. */
  headers(route: Route): RawHeaders {
    const { headers } = this.#call;
    const betas = this.#prepare(route)?.betas ?? [];
    return betas.length === 0 ? headers : withoutBetas(headers, new Set(betas));
  }

  /** What was changed for this route, for `ridethrough-adapted`. */
  adapted(route: Route): readonly string[] {
    const { adapted = [], betas = [] } = this.#prepare(route) ?? {};
    return betas.length === 0 ? adapted : [...adapted, ...betas.map((beta) => `anthropic-beta-${beta}`)];
  }

  /** True where the history went without thinking: what the target thinks now fits no history that the caller has (R11). */
  hidesThinking(route: Route): boolean {
    return this.#prepare(route)?.adapted.includes(thinkingHistory) === true;
  }

  /**
   * Leaves out what a target said it does not take, once.
   * @param continues thinking may stand in what was said before the answer broke, and not in the body alone
   * @returns false when that is not the failure's cause, or was done already
   */
  adaptTo(route: Route, failure: Failure, continues: boolean): boolean {
    if (failure.class !== 'request') return false;
    return this.#leaveOutBetas(route, failure) || this.#leaveOutThinking(route, failure, continues);
  }

  #leaveOutBetas(route: Route, { message }: Failure): boolean {
    const prepared = this.#prepare(route);
    const betas = betasNamedIn(message, betasOf(this.headers(route)));
    if (prepared === null || betas.length === 0) return false;
    this.#prepared?.set(route, { ...prepared, betas: [...prepared.betas, ...betas] });
    return true;
  }

  /** Another upstream or model could not verify thinking in the history: all of it is left out. */
  #leaveOutThinking(route: Route, failure: Failure, continues: boolean): boolean {
    const prepared = this.#prepare(route);
    if (!/signature|thinking/i.test(failure.message)) return false;
    if (!(prepared?.body instanceof Uint8Array) || prepared.adapted.includes(thinkingHistory)) return false;
    const body = stripThinking(prepared.body) ?? (continues ? prepared.body : null);
    if (body === null) return false;
    this.#prepared?.set(route, { ...prepared, body, adapted: [...prepared.adapted, thinkingHistory] });
    return true;
  }

  #prepare(route: Route): Prepared | null {
    if (route === this.#routes[0] && route.upstream.models.size === 0) return this.#asSent;
    this.#prepared ??= new Map();
    const known = this.#prepared.get(route);
    if (known !== undefined) return known;
    const prepared = this.#adapt(route);
    this.#prepared.set(route, prepared);
    return prepared;
  }

  #adapt(route: Route): Prepared | null {
    const { body } = this.#call;
    const name = route.model === null ? null : (route.upstream.models.get(route.model) ?? route.model);
    if (name === null || !(body instanceof Uint8Array)) return this.#asSent;
    if (route === this.#routes[0]) return { ...this.#asSent, body: name === route.model ? body : renamed(body, name) };
    const model = route.model as string;
    const { headers } = this.#call;
    const result = adaptForModel(body, model, name, asksForLongContext(headers));
    return 'refused' in result ? null : { ...result, betas: refusedBetas(betasOf(headers), modelFacts(model)) };
  }
}

/** The same request under another name of its model. */
function renamed(body: Uint8Array, name: string): Uint8Array {
  const span = scanMembers(body, modelMember)?.get('model');
  return span === undefined ? body : replaceMembers(body, [{ span, json: JSON.stringify(name) }]);
}
