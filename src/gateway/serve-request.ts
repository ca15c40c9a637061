import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Body, Caller } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import type { OwnAnswer, OwnEndpoint } from '../core/endpoint.ts';
import type { Random } from '../core/random.ts';
import { Stage } from '../core/stage.ts';
import { isProblem, makeCall } from '../engine/intake.ts';
import { endpointOf } from '../wire/endpoints.ts';
import type { BodyRoom } from './body-room.ts';
import type { Door } from './door.ts';
import { problems } from './error-response.ts';
import { callsMax } from './http-limits.ts';
import { SocketReply } from './node-http.ts';
import { type OwnEndpoints, probeAnswer } from './own-endpoints.ts';
import { announcedBytes, type BodyOptions, hasBody, UploadStream, WholeBody } from './request-body.ts';
import type { UploadWatch } from './upload-watch.ts';

/** What serving a request needs from the gateway it came to. */
export interface Surroundings {
  /** In force now; a reload changes it. */
  readonly door: Door;
  readonly draining: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly watch: UploadWatch;
  readonly room: BodyRoom;
  readonly endpoints: OwnEndpoints;
}

/** Calls whose requests have come whole in this turn of the event loop. */
const beginnings = new Stage<() => void>((begin) => begin());

/** Largest body of an endpoint of our own, where it names no other bound: a webhook's is a few kilobytes. */
const ownBodyBytesMax = 2 ** 20;

/**
 * Serves one request: refuses it, answers it, or makes it a call.
 * @param expects the caller waits for `100 Continue`
 */
export function serveRequest(
  gateway: Surroundings,
  request: IncomingMessage,
  response: ServerResponse,
  expects: boolean,
): SocketReply {
  const reply = new SocketReply(request, response, gateway, expects);
  const path = pathOf(request.url ?? '');
  const readOnly = request.method === 'GET' || request.method === 'HEAD';
  const probe = readOnly ? probeAnswer(path, gateway.draining) : null;
  const problem = probe === null ? gateway.door.check(request) : null;
  if (probe !== null) answer(reply, probe);
  else if (problem !== null) reply.refuse(problem);
  else if (path.startsWith('/ridethrough/')) serveOwn(gateway, request, reply, path);
  else serveApi(gateway, request, reply);
  return reply;
}

function serveOwn(gateway: Surroundings, request: IncomingMessage, reply: SocketReply, path: string): void {
  const endpoint = gateway.endpoints.find(request.method ?? '', path);
  // Whoever may not look does not learn what there is.
  const denied = endpoint?.admin === false ? null : gateway.door.admitAdmin(request);
  if (denied !== null || endpoint === null) {
    reply.refuse(denied ?? problems.notFound);
    return;
  }
  const bytesMax = endpoint.bodyBytesMax ?? ownBodyBytesMax;
  readBody(gateway, request, reply, bytesMax, (body) => {
    answerOwn(endpoint, request, reply, path, body).catch(() => reply.refuse(problems.internal));
  });
}

async function answerOwn(
  endpoint: OwnEndpoint,
  request: IncomingMessage,
  reply: SocketReply,
  path: string,
  body: Uint8Array,
): Promise<void> {
  const query = new URLSearchParams((request.url ?? '').slice(path.length));
  const own = await endpoint.answer({ path, query, headers: request.rawHeaders, body });
  if (own === null) reply.refuse(problems.notFound);
  else answer(reply, own);
}

/** Reads a body whole, and refuses one that is too large or does not arrive. */
function readBody(
  gateway: Surroundings,
  request: IncomingMessage,
  reply: SocketReply,
  bytesMax: number,
  done: (body: Uint8Array) => void,
): void {
  if (!hasBody(request)) done(new Uint8Array());
  else if ((announcedBytes(request) ?? 0) > bytesMax) reply.refuse(problems.tooLarge);
  else {
    reply.upload = new WholeBody(request, bodyOptions(gateway, reply, bytesMax), gateway.room, done);
  }
}

function bodyOptions({ watch }: Surroundings, reply: SocketReply, bytesMax: number): BodyOptions {
  return { bytesMax, watch, invite: () => reply.invite(), refuse: (fault) => reply.refuse(problems[fault]) };
}

function serveApi(gateway: Surroundings, request: IncomingMessage, reply: SocketReply): void {
  const caller = gateway.door.admit(request);
  if ('status' in caller) {
    reply.refuse(caller);
    return;
  }
  const endpoint = endpointOf(request.method ?? '', request.url ?? '');
  const begin = (body: Body) => beginnings.add(() => beginCall(gateway, request, reply, caller, body));
  const bytesMax = endpoint.bodyBytesMax;
  // An empty body is one that can be judged, where a body is read.
  if (endpoint.buffered) readBody(gateway, request, reply, bytesMax, begin);
  else if (!hasBody(request)) begin(null);
  else if ((announcedBytes(request) ?? 0) > bytesMax) reply.refuse(problems.tooLarge);
  else begin(new UploadStream(request, bodyOptions(gateway, reply, bytesMax)));
}

function beginCall(
  { clock, random, draining, door }: Surroundings,
  request: IncomingMessage,
  reply: SocketReply,
  caller: Caller,
  body: Body,
): void {
  if (reply.over) return;
  if (draining) {
    reply.refuse(problems.draining);
    return;
  }
  if (door.engine.gauges.running >= callsMax) {
    reply.refuse(problems.busy);
    return;
  }
  const head = { method: request.method ?? '', path: request.url ?? '', headers: request.rawHeaders };
  const call = makeCall(head, body, caller, { clock, random, limits: door.config.limits });
  if (isProblem(call)) reply.refuse(call);
  else reply.attach(door.engine.handle(call, reply));
}

function answer(reply: SocketReply, { status, contentType, body }: OwnAnswer): void {
  const bytes = Buffer.from(body);
  const headers = ['content-type', contentType, 'content-length', String(bytes.length), 'cache-control', 'no-store'];
  if (status >= 400) headers.push('ridethrough-origin', 'gateway');
  reply.head(status, headers);
  reply.write(bytes);
  reply.end();
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}
