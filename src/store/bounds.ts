/**
 * Every figure of the store, with its unit and its reason. None of them is a setting: they bound
 * what a broken disk or server can cost, and none of them changes what the store means.
 */

/** A writer that finds the database locked waits this long; 0 would fail at once, more would hide a stuck process. */
export const busyMs = 5_000;
/** Writes that share one commit: beyond this an fsync is cheap beside the rows, and neighbours wait for nothing. */
export const commitWritesMax = 512;
/** Bytes that share one commit; a single larger write goes alone. */
export const commitBytesMax = 8 * 2 ** 20;
/** Writes that wait for their commit: some seconds of the slowest disk we measured. */
export const writesWaitingMax = 10_000;
/** Bytes of waiting writes; one write alone may be larger, because a batch of the Batches API may. */
export const writeBytesWaitingMax = 128 * 2 ** 20;
/** Reads that wait for their turn. */
export const readsWaitingMax = 1_000;
/** Rows of one text where a statement has many: what a text costs is paid once for them, and no more is won beyond. */
export const rowsOfText = 50;
/** Prepared statements that are kept, a connection. The product has fewer; texts made by length must not grow it. */
export const statementsMax = 200;
/** The write-ahead log is cut back to this size after a burst, in bytes. */
export const logBytesKept = 64 * 2 ** 20;

/** Connections to Postgres, one for hints apart: three gateways stay far below the server's default of 100. */
export const connectionsMax = { writing: 6, reading: 3 } as const;
/** To a connection, new or from the pool. */
export const connectMs = 5_000;
/** The server ends a statement after this long. Ours take milliseconds. */
export const statementMs = 30_000;
/** We give a connection up after this much silence: a frozen server ends nothing by itself. */
export const answerMs = statementMs + 5_000;
/** A connection that is to end is left after this long: a frozen server never says that it has heard of it. */
export const closeMs = 5_000;
/** Times a transaction is repeated that the server called off because of its neighbours. */
export const repeatsMax = 5;
/** Writes and reads that wait for a connection. */
export const callsWaitingMax = 10_000;
/** A lost connection for hints is made anew after this long at first, doubling up to the largest wait. */
export const reconnectMs = { first: 200, largest: 10_000 } as const;
/** The oldest Postgres that is tested, as `server_version_num`. */
export const postgresVersionMin = 140_000;
