import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Body, Caller } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { isProblem, makeCall } from '../engine/intake.ts';
import { endpointOf } from '../wire/endpoints.ts';
import type { Door } from './door.ts';
import { problems } from './error-response.ts';
import type { Metrics } from './metrics.ts';
import { SocketReply } from './node-http.ts';
import { adminAnswer, type OwnAnswer, probeAnswer } from './own-endpoints.ts';
import { announcedBytes, type BodyFault, hasBody, readWhole, UploadStream } from './request-body.ts';
import type { UploadWatch } from './upload-watch.ts';

/** What serving a request needs from the gateway it came to. */
export interface Surroundings {
  /** In force now; a reload changes it. */
  readonly door: Door;
  readonly draining: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly watch: UploadWatch;
  readonly metrics: Metrics;
}

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
  else if (path.startsWith('/ridethrough/'))
    serveAdmin(gateway, request, reply, path, readOnly).catch(() => reply.refuse(problems.internal));
  else serveApi(gateway, request, reply);
  return reply;
}

async function serveAdmin(
  { door, metrics }: Surroundings,
  request: IncomingMessage,
  reply: SocketReply,
  path: string,
  readOnly: boolean,
): Promise<void> {
  const denied = door.admitAdmin(request);
  const own = denied === null && readOnly ? await adminAnswer(path, metrics) : null;
  if (own === null) reply.refuse(denied ?? problems.notFound);
  else answer(reply, own);
}

function serveApi(gateway: Surroundings, request: IncomingMessage, reply: SocketReply): void {
  const caller = gateway.door.admit(request);
  if ('status' in caller) {
    reply.refuse(caller);
    return;
  }
  const endpoint = endpointOf(request.method ?? '', request.url ?? '');
  const begin = (body: Body) => beginCall(gateway, request, reply, caller, body);
  const options = {
    bytesMax: endpoint.bodyBytesMax,
    watch: gateway.watch,
    invite: () => reply.invite(),
    refuse: (fault: BodyFault) => reply.refuse(problems[fault]),
  };
  // An empty body is one that can be judged, where a body is read.
  if (!hasBody(request)) begin(endpoint.buffered ? new Uint8Array() : null);
  else if ((announcedBytes(request) ?? 0) > endpoint.bodyBytesMax) reply.refuse(problems.tooLarge);
  else if (endpoint.buffered) readWhole(request, options, begin);
  else begin(new UploadStream(request, options));
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
  const head = { method: request.method ?? '', path: request.url ?? '', headers: request.rawHeaders };
  const call = makeCall(head, body, caller, { clock, random, limits: door.config.limits });
  if (isProblem(call)) reply.refuse(call);
  else reply.attach(door.engine.handle(call, reply));
}

function answer(reply: SocketReply, { status, contentType, body }: OwnAnswer): void {
  const bytes = Buffer.from(body);
  reply.head(status, [
    'content-type',
    contentType,
    'content-length',
    String(bytes.length),
    'cache-control',
    'no-store',
  ]);
  reply.write(bytes);
  reply.end();
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}
