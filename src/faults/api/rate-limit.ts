import type { RawHeaders } from '../../core/call.ts';
import type { Clock } from '../../core/clock.ts';

/** What one credential may use of one model in a minute. */
export interface RateLimits {
  readonly requestsPerMinute: number;
  readonly inputTokensPerMinute: number;
  readonly outputTokensPerMinute: number;
}

/** So high that no client meets them: a healthy API that still shows its headers. */
export const ampleLimits: RateLimits = {
  requestsPerMinute: 10_000_000,
  inputTokensPerMinute: 10_000_000_000,
  outputTokensPerMinute: 10_000_000_000,
};

/** Credential × model pairs remembered; the one unused longest is forgotten. */
const bucketsMax = 1_000;

/** What a request met: the headers of its answer, and how long to wait if it was refused. */
export interface RateVerdict {
  readonly headers: RawHeaders;
  /** null: it may pass. */
  readonly refused: { readonly limit: string; readonly waitSeconds: number } | null;
  /** Books the tokens of the answer. */
  spend(outputTokens: number): void;
}

/** A bucket that refills continuously to its capacity within a minute. */
class Bucket {
  readonly capacity: number;
  #level: number;
  #atMs: number;

  constructor(capacity: number, nowMs: number) {
    this.capacity = capacity;
    this.#level = capacity;
    this.#atMs = nowMs;
  }

  level(nowMs: number): number {
    this.#level = Math.min(this.capacity, this.#level + ((nowMs - this.#atMs) / 60_000) * this.capacity);
    this.#atMs = nowMs;
    return this.#level;
  }

  take(amount: number, nowMs: number): void {
    this.#level = this.level(nowMs) - amount;
  }

  /** Milliseconds until it holds `amount`, or is full if it can never hold so much. */
  untilMs(amount: number, nowMs: number): number {
    const lacking = Math.min(amount, this.capacity) - this.level(nowMs);
    return Math.max(0, (lacking / this.capacity) * 60_000);
  }

  headers(name: string, nowMs: number): RawHeaders {
    const prefix = `anthropic-ratelimit-${name}`;
    return [
      `${prefix}-limit`,
      String(this.capacity),
      `${prefix}-remaining`,
      String(Math.max(0, Math.floor(this.level(nowMs)))),
      `${prefix}-reset`,
      rfc3339(nowMs + this.untilMs(this.capacity, nowMs)),
    ];
  }
}

/** Token buckets by credential and model. What the headers say is what the next request will meet. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #limits: RateLimits;
  readonly #buckets = new Map<string, { requests: Bucket; input: Bucket; output: Bucket }>();

  constructor(clock: Clock, limits: RateLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Asks for one request of `inputTokens`; takes them if it may pass. */
  ask(key: string, inputTokens: number): RateVerdict {
    const nowMs = this.#clock.now();
    const { requests, input, output } = this.#find(key, nowMs);
    const wants = [
      { limit: `${requests.capacity} requests per minute`, untilMs: requests.untilMs(1, nowMs) },
      { limit: `${input.capacity} input tokens per minute`, untilMs: input.untilMs(inputTokens, nowMs) },
      { limit: `${output.capacity} output tokens per minute`, untilMs: output.untilMs(1, nowMs) },
    ];
    const worst = wants.reduce((a, b) => (b.untilMs > a.untilMs ? b : a));
    const passes = worst.untilMs === 0;
    if (passes) {
      requests.take(1, nowMs);
      input.take(inputTokens, nowMs);
    }
    const tightest = input.level(nowMs) / input.capacity < output.level(nowMs) / output.capacity ? input : output;
    return {
      headers: [
        ...requests.headers('requests', nowMs),
        ...input.headers('input-tokens', nowMs),
        ...output.headers('output-tokens', nowMs),
        ...tightest.headers('tokens', nowMs),
      ],
      refused: passes ? null : { limit: worst.limit, waitSeconds: Math.ceil(worst.untilMs / 1000) },
      spend: (outputTokens) => output.take(outputTokens, this.#clock.now()),
    };
  }

  #find(key: string, nowMs: number) {
    const found = this.#buckets.get(key) ?? {
      requests: new Bucket(this.#limits.requestsPerMinute, nowMs),
      input: new Bucket(this.#limits.inputTokensPerMinute, nowMs),
      output: new Bucket(this.#limits.outputTokensPerMinute, nowMs),
    };
    this.#buckets.delete(key);
    this.#buckets.set(key, found);
    const oldest = this.#buckets.keys().next().value;
    if (this.#buckets.size > bucketsMax && oldest !== undefined) this.#buckets.delete(oldest);
    return found;
  }
}

let lastSecond = 0;
let lastText = '';

/** Whole seconds, rounded up, as the API writes them. The last one is kept: there are four in every answer. */
function rfc3339(atMs: number): string {
  const second = Math.ceil(atMs / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
  }
  return lastText;
}
