import type { Observer } from '../core/events.ts';
import type { Limits } from '../core/limits.ts';
import type { CollectMode } from '../policies/answer-form.ts';

/** Names and meanings are those of the configuration file; whatever is left out has its default. */
export interface RidethroughOptions {
  /**
   * Seconds: `connect` 10, `first_byte` 30 (one more for every 40 kB of body), `idle` 75,
   * `progress` 600, `hold` 25, `deadline` 600. All above 0.
   */
  readonly timeouts?: Partial<Limits['timeouts']>;
  /** `max` 5 retries a call; `base` 1 and `cap` 30 seconds of backoff; `fallback_after` 3 failures in a row. */
  readonly retry?: Partial<Limits['retry']>;
  /** Extra attempts: `ratio` 0.5 for each success, `floor` 10 to begin with. */
  readonly budget?: Partial<Limits['budget']>;
  /** Opens after `failures` 5 in a row, for `open` 5 seconds at first and `open_max` 30 at most. */
  readonly breaker?: Partial<Limits['breaker']>;
  /** A stream that breaks: `resumes` 4 a call, `max_input_tokens` 2,000,000 billed again for them. */
  readonly recovery?: Partial<Limits['recovery']>;
  /** Whether answers in one piece are streamed from the upstream and collected: `auto` (long ones), `always`, `off`. */
  readonly collect?: CollectMode;
  /** Model → targets in order, each `model`, or `upstream/model` with a name from `upstreams`. Default none. */
  readonly fallback?: Readonly<Record<string, readonly string[]>>;
  /** Other places that answer Claude calls, by name. Default none. */
  readonly upstreams?: Readonly<Record<string, UpstreamOptions>>;
  /** HTTP proxy to every upstream, `http://host:port`. Default: what `HTTPS_PROXY` and `NO_PROXY` say. */
  readonly proxy?: string;
  /** Told of attempts, calls and breakers. Called synchronously; what it throws is dropped. */
  readonly observer?: Observer;
}

/** One place that answers Claude calls. */
export interface UpstreamOptions {
  /** `https://host[:port][/prefix]`; `/v1/…` is appended to it. */
  readonly url: string;
  /** Its own key. Without it, and without `key_env`, the caller's is sent, and only to the caller's own origin. */
  readonly key?: string;
  /** The environment variable that holds the key. */
  readonly key_env?: string;
  /** The header that carries the key. Default `x-api-key`. */
  readonly auth?: 'x-api-key' | 'bearer';
  /** Our model name → the upstream's; a model that is not named keeps its name. */
  readonly models?: Readonly<Record<string, string>>;
}
