import type { Body, Call } from '../core/call.ts';
import type { Failure } from '../core/outcome.ts';
import { adaptForModel } from '../wire/fallback-body.ts';
import { replaceMembers } from '../wire/json-edit.ts';
import { scanMembers } from '../wire/json-scan.ts';
import { stripThinking } from '../wire/strip-thinking.ts';
import type { Route } from './routes.ts';

interface Prepared {
  readonly body: Body;
  readonly adapted: readonly string[];
}

const modelMember: ReadonlySet<string> = new Set(['model']);

/**
 * The request body for each route. The first route gets the caller's bytes, with the upstream's name
 * for the model where it has one of its own; a fallback target gets what it needs to be asked the
 * same (R11), or is left out when it could not answer. Made when first needed.
 */
export class RouteBodies {
  readonly #call: Call;
  readonly #routes: readonly Route[];
  readonly #prepared = new Map<Route, Prepared | null>();
  readonly #asSent: Prepared;

  constructor(call: Call, routes: readonly Route[]) {
    this.#call = call;
    this.#routes = routes;
    this.#asSent = { body: call.body, adapted: [] };
  }

  /** False for a target that would refuse this request: it is not asked. */
  isUsable(route: Route): boolean {
    return this.#prepare(route) !== null;
  }

  for(route: Route): Body {
    return this.#prepare(route)?.body ?? this.#call.body;
  }

  /** What was changed for this route, for `ridethrough-adapted`. */
  adapted(route: Route): readonly string[] {
    return this.#prepare(route)?.adapted ?? [];
  }

  /**
   * Another upstream or model could not verify thinking in the history: all of it is left out, once.
   * @returns false when that is not the failure's cause, or was done already
   */
  leaveOutThinking(route: Route, failure: Failure): boolean {
    const prepared = this.#prepare(route);
    if (failure.class !== 'request' || !/signature|thinking/i.test(failure.message)) return false;
    if (!(prepared?.body instanceof Uint8Array) || prepared.adapted.includes('thinking_history')) return false;
    const body = stripThinking(prepared.body);
    if (body === null) return false;
    this.#prepared.set(route, { body, adapted: [...prepared.adapted, 'thinking_history'] });
    return true;
  }

  #prepare(route: Route): Prepared | null {
    if (route === this.#routes[0] && route.upstream.models.size === 0) return this.#asSent;
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
    if (route === this.#routes[0]) return { body: name === route.model ? body : renamed(body, name), adapted: [] };
    const result = adaptForModel(body, route.model as string, name);
    return 'refused' in result ? null : result;
  }
}

/** The same request under another name of its model. */
function renamed(body: Uint8Array, name: string): Uint8Array {
  const span = scanMembers(body, modelMember)?.get('model');
  return span === undefined ? body : replaceMembers(body, [{ span, json: JSON.stringify(name) }]);
}
