/** Every figure of the ledger, with its unit and its reason. Only its retention is a setting. */

/** What a crash may lose: rows wait this long for others to share their commit. */
export const gatherMs = 250;
/** A failed attempt waits less: it is what people look for, and there are few. */
export const gatherFailedMs = 25;
/** Rows of one transaction: some 20 ms of the database's thread, so that the queue's writes need not wait long. */
export const batchRows = 1_000;
/** Rows that wait in memory, some ten megabytes: a minute of a busy gateway without a disk. */
export const waitingRowsMax = 20_000;
/** After a failed write the next is tried after this long at first, doubling up to the largest wait. */
export const retryMs = { first: 500, largest: 30_000 } as const;
/**
 * Rows of healthy calls: so many a second, and so many at once, are written; more are only counted. A
 * gateway that serves more in earnest fills the usual file in an hour, and writing them would cost it a tenth of its calls.
 */
export const healthyRows = { perSecond: 500, burst: 1_000 } as const;
/** While rows are missing, a row tells how many, this often at most. */
export const tellDroppedEveryMs = 60_000;
/** On closing, a store that does not answer is waited for this long. */
export const closeMs = 5_000;

/** Old rows are looked for this often; a day is the smallest retention. */
export const pruneEveryMs = 60_000;
/** Rows deleted in one transaction. */
export const pruneRows = 2_000;
/** What a row takes on the disk with its indexes, in bytes: 298 to 303 a healthy call in files of 60,000 and of 400,000. */
export const rowBytes = 300;

/** What a token of a request takes, for an estimate of what it would cost: English text has about four bytes a token. */
export const bytesPerToken = 4;

/** Longest text of a column that others name: models, tokens, upstreams. */
export const nameCharactersMax = 200;
/** Calls of one page: where nobody says how many, at most, and while exporting (one text of SQL for each number). */
export const pageRows = { usual: 50, most: 1_000, export: 100 } as const;
/** Request ids in one support bundle: more than anybody reads, and still a letter. */
export const supportAttemptsMax = 500;
