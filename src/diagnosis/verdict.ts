/** Whose fault it is. */
export type Fault =
  | 'your request'
  | 'your account'
  | 'your network'
  | 'this model'
  | 'this provider'
  | 'this gateway'
  | 'unclear'
  | 'nothing is wrong';

/** What a free look at the upstream found, made beside the calls: `GET /v1/models`. */
export interface Canary {
  readonly upstream: string;
  readonly atMs: number;
  /** Status of the answer; null where none came. */
  readonly status: number | null;
  /** `status 404`, or a code of the transport (`ENOTFOUND`); null where it went well. */
  readonly problem: string | null;
  readonly totalMs: number;
  /** The upstream's clock minus ours, from its `date` header; null where it has none. */
  readonly clockSkewMs: number | null;
}

/** One thing that speaks for the verdict. */
export interface Evidence {
  readonly from: 'attempts' | 'status page' | 'canary' | 'catalogue' | 'gateway';
  /** One sentence with its figures. */
  readonly text: string;
}

/** The answer to "is it me or them?". Instants are milliseconds since the Unix epoch. */
export interface Verdict {
  readonly fault: Fault;
  /** What exactly: a model, an upstream, a caller; null where the fault says all. */
  readonly subject: string | null;
  /** 0 to 1; below 0.5 the fault is `unclear`. */
  readonly confidence: number;
  readonly sinceMs: number | null;
  /** One sentence in plain words. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  /** Id of the catalogue's entry that fits; null where none does. */
  readonly shape: string | null;
  /** What the product is doing about it now. */
  readonly doing: string;
  /** What a person should do. */
  readonly advice: string;
}
