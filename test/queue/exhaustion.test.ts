import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { RawHeaders } from '../../src/core/call.ts';
import { openRequest } from '../../src/queue/sealed.ts';
import { flakyStore } from '../../src/testing/flaky-store.ts';
import { memoryTransport } from '../../src/testing/memory-transport.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { memoryStore, openStage, type StageOptions } from './stage.ts';

const json = ['content-type', 'application/json'];
const wish = ['ridethrough-on-exhaustion', 'queue', 'ridethrough-deadline', '20'];
const errorOf = (type: string) => `{"type":"error","error":{"type":"${type}","message":"no"}}`;

/** A gateway before an upstream that always gives the same error. */
async function before(t: TestContext, status: number, type: string, more: Partial<StageOptions> = {}) {
  const clock = more.clock instanceof VirtualClock ? more.clock : new VirtualClock();
  const transport = memoryTransport({ clock, upstream: (_, respond) => respond.answer(status, json, errorOf(type)) });
  const stage = await openStage(t, { clock, transport, ...more });
  const ask = async (headers: RawHeaders = wish, body?: string) => {
    const sent = stage.send(headers, body === undefined ? {} : { body });
    await clock.advance(60_000);
    return { ...sent, view: await stage.queue.desk.batch(`msgbatch_rt_${sent.call.id}`, 'local') };
  };
  return { ...stage, clock, ask };
}

test('the error is the upstream’s own, and the batch is there when it is told', async (t) => {
  const { ask } = await before(t, 529, 'overloaded_error');
  const { call, reply, view } = await ask();
  assert.equal(reply.status, 529);
  assert.equal(reply.text(), errorOf('overloaded_error'));
  assert.equal(reply.header('ridethrough-queued'), view?.id);
  assert.equal(reply.header('ridethrough-id'), call.id);
  assert.equal(reply.header('x-should-retry'), 'false');
  assert.equal(reply.header('retry-after'), null);
});

test('who did not ask for it is not queued', async (t) => {
  const { ask } = await before(t, 529, 'overloaded_error');
  const { reply, view } = await ask(['ridethrough-deadline', '20']);
  assert.deepEqual([reply.status, reply.header('ridethrough-queued'), view], [529, null, null]);
});

for (const [status, type] of [
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
] as const) {
  test(`a ${status} is not queued: no time mends it`, async (t) => {
    const { ask } = await before(t, status, type);
    const { reply, view } = await ask();
    assert.deepEqual([reply.status, reply.header('ridethrough-queued'), view], [status, null, null]);
  });
}

test('a stream whose head has gone out is queued under the id that the head told', async (t) => {
  const { ask } = await before(t, 529, 'overloaded_error');
  const headers = ['ridethrough-on-exhaustion', 'queue', 'ridethrough-deadline', '40'];
  const { call, reply, view } = await ask(
    headers,
    '{"model":"claude-opus-5-5","max_tokens":9,"stream":true,"messages":[]}',
  );
  assert.deepEqual([reply.status, reply.header('ridethrough-id')], [200, call.id]);
  assert.equal(reply.events().at(-1)?.event, 'error');
  assert.equal(view?.id, `msgbatch_rt_${call.id}`);
});

for (const member of ['thread', 'container']) {
  test(`a request with \`${member}\` is not queued, and its caller is told why`, async (t) => {
    const { ask } = await before(t, 529, 'overloaded_error');
    const { reply, view } = await ask(wish, `{"model":"m","max_tokens":9,"${member}":"x","messages":[]}`);
    assert.deepEqual([reply.status, reply.header('ridethrough-queued'), view], [529, null, null]);
    assert.match(reply.header('ridethrough-warning') ?? '', new RegExp(`not queued: a request with \`${member}\``));
  });
}

test('a full queue, and a database that fails, leave the plain error and a warning', async (t) => {
  const full = await before(t, 529, 'overloaded_error', { settings: { items: 0 } });
  const refused = await full.ask();
  assert.equal(refused.reply.header('ridethrough-queued'), null);
  assert.match(refused.reply.header('ridethrough-warning') ?? '', /not queued: the queue is full/);

  const clock = new VirtualClock();
  // The first two calls open the queue; the third counts what is there; what follows is upkeep and the put.
  for (let nth = 3; nth < 12; nth++) {
    const store = flakyStore(await memoryStore(clock), nth, 'full');
    const { ask } = await before(t, 529, 'overloaded_error', { clock, store });
    const { reply, view } = await ask();
    assert.equal(reply.status, 529);
    assert.equal(reply.header('ridethrough-queued') !== null, view !== null, `call ${nth}`);
    if (view === null) assert.match(reply.header('ridethrough-warning') ?? '', /not queued: the queue did not answer/);
  }
});

test('a queued call is sent as it was asked: without what belongs to the connection, and with the wish about models', async (t) => {
  const { queue, store, ask } = await before(t, 529, 'overloaded_error');
  const { call } = await ask([
    ...wish,
    'ridethrough-fallback',
    'off',
    'x-stainless-timeout',
    '9',
    'anthropic-beta',
    'b',
  ]);
  const [row] = await store.read({ sql: 'SELECT request FROM queue_items', values: [] });
  const { path, headers } = openRequest(queue.vault, call.id, row?.request as Uint8Array);
  assert.equal(path, '/v1/messages');
  assert.deepEqual(headers, ['content-type', 'application/json', 'anthropic-beta', 'b', 'ridethrough-fallback', 'off']);
});

test('a word that is none is refused, with those that are', async (t) => {
  const { send } = await before(t, 529, 'overloaded_error');
  assert.throws(() => send(['ridethrough-on-exhaustion', 'keep']), /Expected `surface` or `queue`/);
});
