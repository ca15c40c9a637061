import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawHeaders } from '../../src/core/call.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { seededRandom } from '../../src/core/random.ts';
import { isProblem, makeCall } from '../../src/engine/intake.ts';
import { CollectReply } from '../../src/testing/index.ts';
import { memoryStage } from './memory-stage.ts';

/** What becomes of one GET whose answers have these bodies in turn, the last one again and again. */
function get(path: string, contentType: string, ...bodies: string[]) {
  return getAs(200, path, contentType, ...bodies);
}

async function getAs(status: number, path: string, contentType: string, ...bodies: string[]) {
  let attempts = 0;
  const { clock, engine } = memoryStage((_request, respond) => {
    const body = bodies[Math.min(attempts++, bodies.length - 1)] ?? '';
    respond.answer(status, ['content-type', contentType, 'content-length', String(body.length)], body);
  });
  const headers: RawHeaders = ['ridethrough-deadline', '30'];
  const caller = { credential: null, token: null };
  const call = makeCall({ method: 'GET', path, headers }, null, caller, {
    clock,
    random: seededRandom(1),
    limits: defaultLimits,
  });
  assert.ok(!isProblem(call));
  const reply = new CollectReply();
  engine.handle(call, reply);
  await clock.advance(60_000);
  return [reply.status, reply.text(), attempts];
}

test('a download is passed on as it is, whatever JSON it holds', async () => {
  for (const [path, type, body] of [
    ['/v1/files/f/content', 'application/json', '[1,2,3]'],
    ['/v1/files/f/content?beta=true', 'application/json', '{"type":"error"}'],
    ['/v1/files/f/content', 'application/json; charset=utf-8', 'half an obj'],
    ['/v1/messages/batches/b/results', 'application/json', '{"a":1}\n{"b":2}\n'],
    ['/v1/messages/batches/b/results', 'application/jsonl', '{"a":1}\n{"b":2}\n'],
    ['/v1/else', 'application/jsonl', '{"a":1}\n{"b":2}\n'],
    ['/v1/else', 'application/json', '[1,2,3]'],
    ['/v1/else', 'application/json', 'null'],
  ] as const) {
    assert.deepEqual(await get(path, type, body), [200, body, 1], `${path} ${body}`);
  }
});

test('a list that is an error, or no JSON, is asked for again', async () => {
  const list = '{"data":[]}';
  const error = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
  for (const wrong of [error, '<html></html>', '']) {
    assert.deepEqual(await get('/v1/models', 'application/json', wrong, list), [200, list, 2], wrong);
  }
});

test('a success that is no whole answer by its status is passed on: nothing new, nothing at all, the part asked for', async () => {
  for (const [status, body] of [
    [304, ''],
    [204, ''],
    [206, '{"da'],
  ] as const) {
    assert.deepEqual(await getAs(status, '/v1/models', 'application/json', body), [status, body, 1]);
  }
});
