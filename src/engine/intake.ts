import { type Body, type Call, type Caller, type Priority, priorities, type RawHeaders } from '../core/call.ts';
import { callId } from '../core/call-id.ts';
import type { Clock } from '../core/clock.ts';
import { bodyBytesMax, callMsMax, type Limits } from '../core/limits.ts';
import type { Random } from '../core/random.ts';
import { patienceOf } from '../policies/deadline.ts';
import { stripCutThinking } from '../wire/cut-thinking.ts';
import { endpointOf } from '../wire/endpoints.ts';
import { hopByHopOf, isCoded } from '../wire/headers.ts';
import { requestFacts } from '../wire/request-facts.ts';

/** What a door knows of a request before its body. */
export interface Head {
  readonly method: string;
  /** Path and query as they came. */
  readonly path: string;
  readonly headers: RawHeaders;
}

/** Why a request is answered by ourselves, in the API's error envelope. */
export interface Problem {
  readonly status: number;
  /** `error.type`. */
  readonly type: string;
  readonly message: string;
  /** For `ridethrough-warning`; default none. */
  readonly warnings?: readonly string[];
}

const mebibytes = (bytes: number) => `${bytes / 2 ** 20} MiB`;

/** What a door says of a body beyond `Endpoint.bodyBytesMax`. */
export const bodyTooLarge: Problem = {
  status: 413,
  type: 'request_too_large',
  message: `The request body is larger than this endpoint accepts: Messages ${mebibytes(bodyBytesMax.messages)}, Batches ${mebibytes(bodyBytesMax.batches)}, Files ${mebibytes(bodyBytesMax.files)}.`,
};

export interface IntakeDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
}

/** What the `ridethrough-*` request headers ask for. */
interface Wishes {
  deadlineSeconds: number | null;
  priority: Priority;
  fallback: 'off' | readonly string[] | null;
  key: string | null;
  release: Call['release'];
  thinking: Call['thinking'];
  onExhaustion: Call['onExhaustion'];
  readonly warnings: string[];
}

/**
 * Makes the call that a request asks for: consumes the `ridethrough-*` headers, finds what must be
 * known of the body, takes out thinking that was cut, and refuses what is certain to fail. The same for every door.
 */
export function makeCall(head: Head, sent: Body, caller: Caller, deps: IntakeDeps): Call | Problem {
  const endpoint = endpointOf(head.method, head.path);
  const headers: RawHeaders = [];
  const wishes = takeWishes(head.headers, headers);
  if ('status' in wishes) return wishes;

  let facts = null;
  // A coded body cannot be read: it passes once, without fallback or resume (R8).
  const { name } = endpoint;
  const readable = (name === 'messages' || name === 'count_tokens') && sent instanceof Uint8Array && !isCoded(headers);
  let body = sent;
  if (readable) {
    body = stripCutThinking(sent);
    const read = requestFacts(body, name);
    if ('problem' in read) return invalid(read.problem, wishes.warnings);
    facts = read.facts;
  }
  const nowMs = deps.clock.now();
  const stream = facts?.stream ?? false;
  // What cannot be judged is asked once (R8), and what is read as it is sent is there once.
  const once = (endpoint.buffered && !readable) || isStreamed(body);
  const { key, warnings } = wishes;
  // An upload under a key that is in use would be taken for the one that is under way.
  if (key !== null && !endpoint.buffered) warnings.push('ridethrough-key is ignored here: it is for Messages only');
  return {
    id: callId(nowMs, deps.random),
    method: head.method,
    path: head.path,
    endpoint: once ? { ...endpoint, replay: 'unsent' } : endpoint,
    headers,
    body,
    facts,
    patience: patienceOf(headers, stream, wishes.deadlineSeconds, deps.limits.timeouts, nowMs),
    priority: wishes.priority,
    fallback: wishes.fallback,
    key: endpoint.buffered ? key : null,
    release: wishes.release,
    onExhaustion: wishes.onExhaustion,
    thinking: wishes.thinking,
    caller,
    warnings,
    receivedAtMs: nowMs,
  };
}

/** True for what is answered by ourselves, and never becomes a call. */
export function isProblem(result: Call | Problem): result is Problem {
  return 'status' in result;
}

function invalid(message: string, warnings: readonly string[]): Problem {
  return { status: 400, type: 'invalid_request_error', message, warnings };
}

function isStreamed(body: Body): boolean {
  return body !== null && !(body instanceof Uint8Array);
}

/** Sorts the headers into our own and the upstream's; credentials travel in the caller, not here. */
function takeWishes(all: RawHeaders, kept: RawHeaders): Wishes | Problem {
  const wishes: Wishes = {
    deadlineSeconds: null,
    priority: 'default',
    fallback: null,
    key: null,
    release: 'safe',
    onExhaustion: 'surface',
    thinking: 'hold',
    warnings: [],
  };
  const hopByHop = hopByHopOf(all);
  let wrong: string | null = null;
  for (let i = 0; i + 1 < all.length; i += 2) {
    const name = all[i] as string;
    const value = all[i + 1] as string;
    const lower = name.toLowerCase();
    if (hopByHop.has(lower)) continue;
    if (lower.startsWith('ridethrough-')) {
      const problem = takeWish(wishes, lower, value.trim());
      wrong ??= problem;
    } else if (!notForwarded.has(lower)) {
      kept.push(name, value);
    }
  }
  return wrong === null ? wishes : invalid(wrong, wishes.warnings);
}

const notForwarded = new Set(['host', 'content-length', 'x-api-key', 'authorization']);

/** @returns what is wrong with the value, or null */
function takeWish(wishes: Wishes, name: string, value: string): string | null {
  switch (name) {
    case 'ridethrough-deadline': {
      const seconds = Number(value);
      if (!(seconds > 0 && seconds * 1000 <= callMsMax)) {
        return `ridethrough-deadline: Expected a number of seconds above 0 and up to ${callMsMax / 1000}.`;
      }
      wishes.deadlineSeconds = seconds;
      return null;
    }
    case 'ridethrough-priority': {
      const priority = priorities.find((each) => each === value);
      if (priority === undefined) return `ridethrough-priority: Expected one of ${priorities.join(', ')}.`;
      wishes.priority = priority;
      return null;
    }
    case 'ridethrough-fallback':
      wishes.fallback = value === 'off' ? 'off' : value.split(',').flatMap((target) => target.trim() || []);
      return null;
    case 'ridethrough-release':
      if (value !== 'safe' && value !== 'delta') return 'ridethrough-release: Expected `safe` or `delta`.';
      wishes.release = value;
      return null;
    case 'ridethrough-thinking':
      if (value !== 'hold' && value !== 'stream') return 'ridethrough-thinking: Expected `hold` or `stream`.';
      wishes.thinking = value;
      return null;
    case 'ridethrough-on-exhaustion':
      if (value !== 'surface' && value !== 'queue') return 'ridethrough-on-exhaustion: Expected `surface` or `queue`.';
      wishes.onExhaustion = value;
      return null;
    case 'ridethrough-key':
      if (!/^[\x21-\x7e]{1,255}$/.test(value)) return 'ridethrough-key: Expected 1 to 255 visible ASCII characters.';
      wishes.key = value;
      return null;
    case 'ridethrough-token':
      // The door has looked at it already.
      return null;
    default:
      wishes.warnings.push(`unknown header ${name}`);
      return null;
  }
}
