import type { Limits, QueueSettings } from '../core/limits.ts';
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
  /** The environment variable that the key came from; null where there is none. */
  readonly keyEnv: string | null;
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

/** How the provider's status page is watched. */
export interface StatusConfig {
  /** `auto`: where calls go to api.anthropic.com. */
  readonly page: 'auto' | 'on' | 'off';
  /** Addresses of the one page, in order of preference, without a final slash. */
  readonly urls: readonly string[];
  /** Seconds between looks. */
  readonly interval: number;
  /** Last segment of the path that takes the page's webhooks; null: none are taken. */
  readonly webhookSecret: Secret | null;
}

/** A place that takes alerts by POST. */
export interface AlertHook {
  /** Often a secret in itself. */
  readonly url: Secret;
  /** Signs what is sent, by the Standard Webhooks; null: unsigned. */
  readonly secret: Secret | null;
  /** True: it may be at an address of a private network. */
  readonly allowPrivate: boolean;
}

/** A mail server, and who gets mail from it. */
export interface EmailConfig {
  readonly host: string;
  /** 465: TLS from the first byte. Any other: STARTTLS, which is demanded unless the host is this machine. */
  readonly port: number;
  readonly user: Secret | null;
  readonly password: Secret | null;
  readonly from: string;
  readonly to: readonly string[];
}

/** Who is told when something is wrong. */
export interface AlertsConfig {
  readonly webhook: AlertHook | null;
  readonly slack: AlertHook | null;
  readonly email: EmailConfig | null;
  /** True: the terminal that `serve` runs in rings. */
  readonly bell: boolean;
  /** Seconds: an older item in the queue is trouble. */
  readonly queueAge: number;
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
  /** How much of the past the ledger keeps. */
  readonly ledger: { readonly days: number; readonly megabytes: number };
  readonly queue: QueueSettings & {
    /** Seconds after which any work that waits is offloaded to Message Batches; null: only what asks for it. */
    readonly offloadAfter: number | null;
  };
  /** Told when a queued batch has ended; null: nobody is. */
  readonly webhook: AlertHook | null;
  /** For how many seconds, and in how many megabytes, answers are kept under a `ridethrough-key`. */
  readonly replies: { readonly retention: number; readonly megabytes: number };
  readonly status: StatusConfig;
  readonly alerts: AlertsConfig;
}

/** Environment variables, passed in. */
export type Environment = Readonly<Record<string, string | undefined>>;
