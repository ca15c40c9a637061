import type { Limits } from '../core/limits.ts';
import type { Secret } from '../core/secret.ts';

/** One place that answers Claude calls. */
export interface Upstream {
  /** The first half of a route: `anthropic` in `anthropic/claude-opus-5-5`. */
  readonly name: string;
  /** `http(s)://host[:port][/prefix]`, without a trailing slash; `/v1/…` is appended to it. */
  readonly url: string;
  /** The vendor's dialect. */
  readonly kind: 'anthropic';
  /** Its own key; null where the caller's credential is passed on. */
  readonly key: Secret | null;
  /** The header that carries `key`. */
  readonly auth: 'x-api-key' | 'bearer';
  /** Our model name → the upstream's; a model that is not named here keeps its name. */
  readonly models: ReadonlyMap<string, string>;
}

/** A gateway token. Its value is forgotten at load: a digest is enough to recognise it. */
export interface GatewayToken {
  readonly name: string;
  /** True: opens `/ridethrough/*` and nothing else. False: opens `/v1/*` and nothing else. */
  readonly admin: boolean;
  /** SHA-256 of the value, 32 bytes. */
  readonly digest: Uint8Array;
}

/** A whole, checked configuration: defaults filled in, names resolved, secrets read. */
export interface Config {
  readonly limits: Limits;
  /** Whether a non-streaming call is asked for as a stream upstream and collected (R12). */
  readonly collect: 'auto' | 'always' | 'off';
  /**
   * Model → targets in order, each `model` (of the default upstream) or `upstream/model`. A map, not
   * an object: callers name the models.
   */
  readonly fallback: ReadonlyMap<string, readonly string[]>;
  /** The first route of every call, and the only place a caller's own credential is sent to. */
  readonly upstream: Upstream;
  /** All by name, the default one among them. */
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly tokens: readonly GatewayToken[];
  /** Further values of `Host` that are served, lower case: `name` (any port) or `name:port`. */
  readonly hosts: readonly string[];
  /** Values of `Origin` that are served: `https://app.example.com`. */
  readonly origins: readonly string[];
  /** The proxy to every upstream; null: what `HTTPS_PROXY` and `NO_PROXY` say. */
  readonly proxy: string | null;
}

/** Environment variables, passed in. */
export type Environment = Readonly<Record<string, string | undefined>>;
