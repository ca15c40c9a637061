import type { ServerOptions } from 'node:http';
import { waitersMax } from '../core/limits.ts';

/**
 * What the HTTP server bears. `insecureHTTPParser` stays off: then Node itself refuses two lengths,
 * a length beside chunks, folded headers and bare line feeds.
 */
export const serverOptions: ServerOptions = {
  // Four times Node's: long `anthropic-beta` lists, baggage and a company's cookies fit, and the
  // heads of all connections together still fit into memory.
  maxHeaderSize: 64 * 1024,
  // Heads that trickle end here; bodies that trickle are seen by `UploadWatch`.
  headersTimeout: 60_000,
  // 500 MB at 140 kB/s. Node's own five minutes would cut honest uploads.
  requestTimeout: 3_600_000,
  // Longer than any usual client pool keeps a connection: otherwise we would close one just as it
  // is used, a failure of our making (R14).
  keepAliveTimeout: 125_000,
  connectionsCheckingInterval: 10_000,
  insecureHTTPParser: false,
  // The guard refuses a missing Host with an error that can be read.
  requireHostHeader: false,
  noDelay: true,
};

/** As many connections as calls may wait; more are closed when they come. */
export const connectionsMax = waitersMax;

/** Calls served at once. A connection may carry many requests, one behind the other, so that bound is not enough. */
export const callsMax = connectionsMax;
