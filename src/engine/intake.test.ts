import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Body, Call, RawHeaders } from '../core/call.ts';
import { defaultLimits } from '../core/limits.ts';
import { seededRandom } from '../core/random.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { cutSignature } from '../wire/cut-thinking.ts';
import { isProblem, makeCall, type Problem } from './intake.ts';

const question = Buffer.from('{"model":"claude-opus-5","max_tokens":1,"messages":[]}');

function made(method: string, path: string, body: Body, headers: RawHeaders): Call | Problem {
  const caller = { credential: null, token: null };
  const deps = { clock: new VirtualClock(), random: seededRandom(1), limits: defaultLimits };
  return makeCall({ method, path, headers }, body, caller, deps);
}

function callOf(method: string, path: string, body: Body, headers: RawHeaders = []): Call {
  const call = made(method, path, body, headers);
  assert.ok(!isProblem(call));
  return call;
}

function problemOf(headers: RawHeaders): Problem {
  const problem = made('POST', '/v1/messages', question, headers);
  assert.ok(isProblem(problem));
  return problem;
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

test('ridethrough-thinking is `hold` or `stream`, and nothing else', () => {
  const asked = (value: string) => callOf('POST', '/v1/messages', question, ['Ridethrough-Thinking', value]).thinking;
  assert.deepEqual([asked('stream'), asked('hold')], ['stream', 'hold']);
  assert.equal(callOf('POST', '/v1/messages', question).thinking, 'hold');
  const wrong = problemOf(['ridethrough-thinking', 'live']);
  assert.deepEqual([wrong.status, wrong.message], [400, 'ridethrough-thinking: Expected `hold` or `stream`.']);
});

test('what was asked for in vain is named also where the request is refused', () => {
  const warnings = ['unknown header ridethrough-deadlin'];
  const wrong = problemOf(['ridethrough-priority', 'high', 'ridethrough-deadlin', '5', 'ridethrough-release', 'x']);
  assert.deepEqual([wrong.message.split(':')[0], wrong.warnings], ['ridethrough-priority', warnings]);
  const broken = made('POST', '/v1/messages', Buffer.from('{'), ['ridethrough-deadlin', '5']);
  assert.ok(isProblem(broken));
  assert.deepEqual(broken.warnings, warnings);
});

test('thinking that was cut is taken out of what is sent and of what is counted', () => {
  const cut = `{"type":"thinking","thinking":"so","signature":"${cutSignature}"}`;
  const body = (blocks: string) =>
    Buffer.from(`{"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":[${blocks}{"type":"text"}]}]}`);
  for (const path of ['/v1/messages', '/v1/messages/count_tokens?beta=true']) {
    assert.deepEqual(callOf('POST', path, body(`${cut},`)).body, body(''));
  }
  // What cannot be read passes as it is.
  assert.deepEqual(callOf('POST', '/v1/messages', body(`${cut},`), ['content-encoding', 'gzip']).body, body(`${cut},`));
});
