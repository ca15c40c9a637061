import type { Verdict } from '../../diagnosis/verdict.ts';
import type { HealthState } from '../../health/state.ts';
import type { Standing } from '../../queue/standing.ts';
import type { StatusIncident } from '../../status/state.ts';

/** One route as `status` shows it. */
export interface RouteReport {
  /** `upstream/model`. */
  readonly route: string;
  /** null: too little is known of it. */
  readonly state: HealthState | null;
  /** 0 to 1, of the attempts of the last minute; null where there were none. */
  readonly errorShare: number | null;
  /** Median time to the first byte of an answer, in milliseconds; null where there was none. */
  readonly firstByteMs: number | null;
  readonly breaker: 'closed' | 'open' | 'half-open';
  /** Calls that use it now: attempting, backing off or waiting. */
  readonly calls: number;
  /** Milliseconds until the rate limit that closed it has passed; 0 where none did. */
  readonly cooldownMs: number;
  /** Extra attempts that may still be made. */
  readonly budgetTokens: number;
}

/** The status page in short. */
export interface PageReport {
  /** Host of the address that answered; null: none has. */
  readonly source: string | null;
  /** Of the API, in the page's words: `major outage`; null while it is unread. */
  readonly api: string | null;
  readonly readAtMs: number | null;
  readonly problem: string | null;
  readonly incidents: readonly StatusIncident[];
  readonly maintenances: readonly StatusIncident[];
}

/** An alert that has been told and not been resolved. */
export interface AlertReport {
  readonly level: string;
  readonly title: string;
}

/** What `GET /ridethrough/status` answers. Instants are milliseconds since the Unix epoch. */
export interface StatusReport {
  readonly version: string;
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly upstream: string;
  readonly calls: { readonly running: number; readonly waiting: number };
  /** null: nobody judges. */
  readonly verdict: Verdict | null;
  /** Those in trouble first, then those used last. */
  readonly routes: readonly RouteReport[];
  /** null: there is none. */
  readonly queue: Standing | null;
  /** null: it is not watched. */
  readonly page: PageReport | null;
  readonly alerts: readonly AlertReport[];
}
