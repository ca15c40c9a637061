/** Routes, keys and callers that are remembered, each: names come from outside and must not grow the memory. */
export const subjectsMax = 1_000;
/** The window of what is going on now, in milliseconds. */
export const shortMs = 60_000;
/** The window of what has been going on, in milliseconds. */
export const longMs = 600_000;
/** Windows are counted in steps of so many milliseconds. */
export const bucketMs = 10_000;
/** A route of which nothing was heard for so long is unknown again. */
export const staleMs = 900_000;

/**
 * The change detector's two hypotheses: share of failures of a healthy route, and of one in trouble.
 * The published incidents lie far above the second; single stray failures far below the first.
 */
export const failureShare = { healthy: 0.01, trouble: 0.3 } as const;
/**
 * Evidence (a sum of log-likelihood ratios) at which trouble is called. Four failures in a row bring
 * 13.6; in a day of 0.5 % stray failures at 5 attempts a second, four routes in 1,000 get so far.
 */
export const alarmScore = 12.4;
/** Evidence of health that ends `degraded`: 23 successes in a row, or more where failures lie between. */
export const recoveryScore = 8;
/** Evidence of health that ends `recovering`: 35 successes in a row. */
export const healthyScore = 12;
/** `recovering` ends after so many milliseconds without a failure, too: slow routes bring evidence slowly. */
export const recoveredMs = 60_000;
/** Half of the evidence for trouble is forgotten in so many milliseconds: failures hours apart are strays. */
export const evidenceHalfLifeMs = 300_000;
/** So many failures in a row are `down`. */
export const downInRow = 4;
/** So many in a row turn `degraded` to `down`: at 30 % failures a chance of 1 in 15,000. */
export const downAfterDegraded = 8;
/** A call counts for at most so many failures: one cursed request, retried, is no outage; with one of another call they are. */
export const failuresPerCallMax = 3;
/** Calls and callers that an excursion of the detector keeps apart; more are not needed to judge. */
export const witnessesMax = 32;

/** A median of fewer first bytes than this says nothing. */
export const firstBytesMin = 8;
/** First bytes that are kept, the newest. */
export const firstBytesKept = 64;
/** A route is slow where its median is beyond this multiple of the usual … */
export const slowFactor = 4;
/** … and beyond it by so many milliseconds. It stays slow while it is beyond half of both. */
export const slowExtraMs = 3_000;
/** A route that has been slow for so long is thought to be so from now on. */
export const slowForGoodMs = 6 * 3_600_000;
