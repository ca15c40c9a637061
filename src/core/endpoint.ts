import type { RawHeaders } from './call.ts';

/** A request to an endpoint of our own. */
export interface OwnRequest {
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: RawHeaders;
  /** Whole; empty where none came. */
  readonly body: Uint8Array;
}

/** What is answered to it. */
export interface OwnAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Something the gateway answers by itself. The parts that have something to tell bring theirs, and the gateway guards them. */
export interface OwnEndpoint {
  /** HEAD is answered like GET. */
  readonly method: 'GET' | 'POST';
  /** `/ridethrough/calls`, or `/ridethrough/calls/*` for everything below it. Nothing outside `/ridethrough/` is found. */
  readonly path: string;
  /** True: off loopback it wants an admin token. False: anybody may ask, so it must check for itself. */
  readonly admin: boolean;
  /** Largest body that is read, in bytes; default 1 MiB. */
  readonly bodyBytesMax?: number;
  /** @returns null: there is nothing at this path. What it throws is answered with a 500 that says nothing of it. */
  answer(request: OwnRequest): OwnAnswer | null | Promise<OwnAnswer | null>;
}

/** An answer of JSON, indented for people. */
export function jsonAnswer(value: unknown, status = 200): OwnAnswer {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value, null, 2)}\n` };
}
