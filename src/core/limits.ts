/**
 * Every default and every bound, once, with its unit and its reason. Configuration overrides the
 * members of `Limits`; the constants below it are not configurable.
 */
export interface Limits {
  readonly timeouts: {
    /** Seconds to a connection. */
    readonly connect: number;
    /** Seconds to the first byte of a streamed answer, for a small body; `firstByteMs` adds to it. */
    readonly first_byte: number;
    /** Seconds without any byte of a stream. Above the API's ping interval of 15–30 s. */
    readonly idle: number;
    /** Seconds with nothing but pings. Long thinking is healthy: three minutes of pings are normal. */
    readonly progress: number;
    /** Seconds the head of a stream is held back at most. */
    readonly hold: number;
    /** Seconds a call may take where its caller named nothing. */
    readonly deadline: number;
  };
  readonly retry: {
    /** Retries a call, over all routes. */
    readonly max: number;
    /** Seconds: first step of the backoff. */
    readonly base: number;
    /** Seconds: largest step of the backoff. */
    readonly cap: number;
    /** Consecutive retryable failures of one call on a route before it moves to the next. */
    readonly fallback_after: number;
  };
  readonly budget: {
    /** Extra attempts earned by each success. At 0.1 a storm of 30 % faults brings only 76 % home. */
    readonly ratio: number;
    /** Extra attempts to begin with, and all that may be spent while nothing succeeds. */
    readonly floor: number;
  };
  readonly breaker: {
    /** Consecutive failures that open it. */
    readonly failures: number;
    /** Seconds it stays open the first time. */
    readonly open: number;
    /** Seconds it stays open at most; each failed probe doubles the time. */
    readonly open_max: number;
  };
  readonly recovery: {
    /** Resumes a call. */
    readonly resumes: number;
    /** Input tokens billed again for resumes, a call. */
    readonly max_input_tokens: number;
  };
}

/** `Limits` where nothing is configured. */
export const defaultLimits: Limits = {
  timeouts: { connect: 10, first_byte: 30, idle: 75, progress: 600, hold: 25, deadline: 600 },
  retry: { max: 5, base: 1, cap: 30, fallback_after: 3 },
  budget: { ratio: 0.5, floor: 10 },
  breaker: { failures: 5, open: 5, open_max: 30 },
  recovery: { resumes: 4, max_input_tokens: 2_000_000 },
};

/** How much of the past the ledger keeps: a month for support to ask about, in a file that a laptop does not notice. */
export const defaultRetention = { days: 30, megabytes: 500 } as const;

/** Answers kept under a `ridethrough-key`: for a day, in seconds, as keys of payments are; the oldest go when they are too many. */
export const defaultReplies = { retention: 86_400, megabytes: 1_024 } as const;

/** `queue` of the configuration, in the file's units. */
export interface QueueSettings {
  /** Seconds after which what is not done is given up. */
  readonly expires: number;
  /** Seconds after its creation for which a batch's results are kept. */
  readonly retention: number;
  /** What becomes of an attempt that may have been billed and whose answer was lost. */
  readonly unsure: 'resend' | 'quarantine';
  /** Attempts after which an item that fails in passing is given up. */
  readonly attempts: number;
  /** Open items of one caller. */
  readonly items: number;
  /** Megabytes of the open items of one caller. */
  readonly megabytes: number;
}

/**
 * A day and 29 days are the Batches API's own. An answer that was lost is asked for again: that may
 * cost one answer, where waiting for somebody to look costs the work. 200,000 open requests are what
 * the API allows an organisation of its first tier.
 */
export const defaultQueue: QueueSettings = {
  expires: 86_400,
  retention: 2_505_600,
  unsure: 'resend',
  attempts: 10,
  items: 200_000,
  megabytes: 4_096,
};

/** Where a gateway listens on this machine, unless it is told otherwise; clients are set to it once and for all. */
export const defaultPort = 4141;

/** Body caps by endpoint, in bytes: the API's own (reference: limits of the errors page). */
export const bodyBytesMax = { messages: 32 * 2 ** 20, batches: 256 * 2 ** 20, files: 500 * 2 ** 20 } as const;

/**
 * Request bodies that are held in memory at the same time, of all callers of a gateway together: sixteen
 * of the largest, ten thousand of 50 kB. Without it 10,000 connections with 32 MB each would be served.
 */
export const bufferedBytesMax = 512 * 2 ** 20;

/** Once the head is out, a call may take this long. */
export const callMsMax = 1_800_000;
/** The first byte of a stream is waited for at most this long, however large the body. */
export const firstByteMsMax = 300_000;
/** One more second to the first byte for each of these bytes of request body. */
export const firstByteBytesPerSecond = 40_000;
/** Our own ping comes after this much silence towards the caller. */
export const pingMs = 15_000;
/** Error bodies and small answers are read whole up to this size. */
export const errorBodyBytesMax = 1024 * 1024;
/** One event of a stream, and one held block, may be this large; then it passes unheld. */
export const heldBytesMax = 8 * 2 ** 20;
/** An event that has not ended by then is no event: the stream is broken. */
export const eventBytesMax = 32 * 2 ** 20;
/** A whole non-streamed answer that is held back until it is known to be one. */
export const answerBytesMax = 64 * 2 ** 20;
/**
 * A stream that is longer has no end: the longest answers there are, 300,000 tokens one at a time, take 45 MB.
 * What it says is kept until it has ended, so that it could be continued.
 */
export const streamBytesMax = 256 * 2 ** 20;
/** Waiting calls, and the bytes of their bodies, an engine keeps. */
export const waitersMax = 10_000;
export const waiterBytesMax = 256 * 2 ** 20;
/** Routes (upstream × model × credential) whose health is remembered: random keys must not grow it. */
export const routesRememberedMax = 1_000;
/** A 401 of a key that worked this recently is suspect (the outage of 2026-04-28), and tried twice more. */
export const credentialFreshMs = 600_000;
/** After `message_stop`, an upstream that does not end its body is left after this long. */
export const afterStopMs = 1_000;
/** Calls under way may go on for so long when the process is asked to end. */
export const drainMs = 25_000;
/** After that callers get so long to take what is in their sockets' buffers: 30 s in all, when supervisors begin to kill. */
export const flushMs = 5_000;
