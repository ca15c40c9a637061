import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Body, Call, RawHeaders } from '../core/call.ts';
import { defaultLimits } from '../core/limits.ts';
import { seededRandom } from '../core/random.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { isProblem, makeCall } from './intake.ts';

const question = Buffer.from('{"model":"claude-opus-5","max_tokens":1,"messages":[]}');

function callOf(method: string, path: string, body: Body, headers: RawHeaders = []): Call {
  const caller = { credential: null, trusted: true, token: null };
  const deps = { clock: new VirtualClock(), random: seededRandom(1), limits: defaultLimits };
  const call = makeCall({ method, path, headers }, body, caller, deps);
  assert.ok(!isProblem(call));
  return call;
}

test('a body that can be sent once makes a call that is not sent again, whatever its method', () => {
  const streamed = { chunks: (async function* () {})(), lengthBytes: null };
  for (const method of ['GET', 'DELETE', 'OPTIONS', 'POST']) {
    assert.equal(callOf(method, '/v1/files/f', streamed).endpoint.replay, 'unsent', method);
  }
  assert.equal(callOf('DELETE', '/v1/files/f', null).endpoint.replay, 'free');
  assert.equal(callOf('DELETE', '/v1/files/f', Buffer.from('{}')).endpoint.replay, 'free');
  assert.equal(callOf('POST', '/v1/messages', question).endpoint.replay, 'free');
});
