import type { FailureClass } from '../core/outcome.ts';

/** How a subject stands; `recovering` from the first good sign after trouble until it has held. */
export type HealthState = 'healthy' | 'degraded' | 'down' | 'recovering';

/** Attempts that ended within a window, and how those that failed did. */
export interface Counts {
  readonly attempts: number;
  readonly failures: Readonly<Partial<Record<FailureClass, number>>>;
}

/** Calls that ended within a window, and how many of them we turned away ourselves. */
export interface CallCounts {
  readonly calls: number;
  readonly turnedAway: number;
}

/** The newest failure of a subject, as it is to be told. */
export interface LastFailure {
  readonly atMs: number;
  readonly class: FailureClass;
  /** `error.type`: `overloaded_error`. */
  readonly type: string;
  /** `error.details.error_code`, or a code of ours (`ECONNRESET`); null where there is none. */
  readonly code: string | null;
  readonly status: number | null;
  readonly requestId: string | null;
}

/** What all subjects have. */
export interface SubjectHealth {
  /** Of the last minute. */
  readonly short: Counts;
  /** Of the last ten minutes. */
  readonly long: Counts;
  readonly lastSuccessAtMs: number | null;
  readonly lastFailure: LastFailure | null;
  /** Since when it has failed without a success between; null: its newest attempt succeeded, or it has none. */
  readonly failingSinceMs: number | null;
  /** Callers of whom an attempt failed within the long window, and those of whom one succeeded. */
  readonly callers: { readonly failing: number; readonly served: number };
}

/** One upstream × model. */
export interface RouteHealth extends SubjectHealth {
  /** `upstream/model`. */
  readonly route: string;
  readonly upstream: string;
  readonly model: string | null;
  /** null: too little is known of it. Only what is the provider's trouble counts here: see `countsAgainstRoute`. */
  readonly state: HealthState | null;
  /** Since when it has been in that state. */
  readonly sinceMs: number | null;
  /** Median time to the first byte of the last minute, in milliseconds; null where nothing answered. */
  readonly firstByteMs: number | null;
  /** What is usual for it, from before the last minute; null while unknown. */
  readonly usualFirstByteMs: number | null;
}

/** One key at one upstream. */
export interface CredentialHealth extends SubjectHealth {
  /** `Credential.id`; empty where none was shown. */
  readonly credential: string;
  readonly upstream: string;
}

/** One who calls us. */
export interface CallerHealth extends SubjectHealth {
  /** `AttemptEvent.caller`. */
  readonly caller: string;
}

/** Everything that the verdict is found from, as plain data. */
export interface HealthSnapshot {
  readonly atMs: number;
  /** Those in trouble first. */
  readonly routes: readonly RouteHealth[];
  readonly credentials: readonly CredentialHealth[];
  readonly callers: readonly CallerHealth[];
  /** Failures to reach an upstream at all (class `network`, `tls`), by code, of the long window. */
  readonly network: {
    readonly codes: Readonly<Record<string, number>>;
    /** Upstreams that could not be reached by any attempt since, and those that answered. */
    readonly unreached: readonly string[];
    readonly reached: readonly string[];
    readonly failingSinceMs: number | null;
  };
  /** Calls of the last minute and of the last ten; among their failures those of our own doing: shed, drained, or no route could be asked. */
  readonly calls: { readonly short: CallCounts; readonly long: CallCounts };
}

/** A route changed its state. */
export interface HealthChange {
  /** `upstream/model`. */
  readonly route: string;
  readonly from: HealthState;
  readonly to: HealthState;
  readonly atMs: number;
  /** One sentence with the figures that it was seen by. */
  readonly why: string;
}
