import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../../test/fixtures/failures.ts';
import { CollectReply } from '../testing/collect-reply.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Delivery } from './delivery.ts';

const ping = 'event: ping\ndata: {"type": "ping"}\n\n';
const error = Buffer.from('{"type":"error"}');
const seconds = 1000;

function setUp(stream = true) {
  const clock = new VirtualClock();
  const reply = new CollectReply();
  const facts = { model: 'claude-opus-5', stream, maxTokens: 1, thinks: false };
  const delivery = new Delivery(
    clock,
    call({ facts }),
    reply,
    () => ['ridethrough-id', 'id1'],
    () => assert.fail(),
  );
  return { clock, reply, delivery };
}

test('the head is held until there is an answer, and carries our headers', async () => {
  const { clock, reply, delivery } = setUp();
  await clock.advance(24 * seconds);
  assert.equal(reply.status, null);
  delivery.head(200, ['request-id', 'req_1']);
  assert.deepEqual([reply.header('request-id'), reply.header('ridethrough-id')], ['req_1', 'id1']);
});

test('after the hold a stream opens by itself, is pinged, and keeps its early head', async () => {
  const { clock, reply, delivery } = setUp();
  await clock.advance(25 * seconds);
  assert.deepEqual([reply.status, reply.header('content-type')], [200, 'text/event-stream; charset=utf-8']);
  assert.equal(delivery.released, false);
  await clock.advance(30 * seconds);
  assert.equal(reply.text(), ping + ping);
  delivery.head(200, ['request-id', 'req_1']);
  assert.equal(reply.header('request-id'), null);
});

test('an answer in one piece has no early head and no pings', async () => {
  const { clock, reply } = setUp(false);
  await clock.advance(600 * seconds);
  assert.equal(reply.status, null);
  assert.equal(clock.pendingTimers, 0);
});

test('pings come after silence only, and none to a reader that is behind', async () => {
  const { clock, reply, delivery } = setUp();
  delivery.head(200, []);
  for (let i = 0; i < 6; i++) {
    await clock.advance(10 * seconds);
    delivery.write(Buffer.from('.'));
  }
  assert.equal(reply.text(), '......');
  reply.accepts = false;
  delivery.write(Buffer.from('!'));
  assert.equal(delivery.blocked, true);
  await clock.advance(60 * seconds);
  assert.equal(reply.text(), '......!');
  delivery.blocked = false;
  reply.accepts = true;
  await clock.advance(30 * seconds);
  assert.ok(reply.text().startsWith(`......!${ping}`));
});

test('a final failure is a status before the head, an event after it', async () => {
  const before = setUp();
  before.delivery.fail(529, ['content-type', 'application/json'], error);
  assert.deepEqual([before.reply.status, before.reply.text(), before.reply.state], [529, '{"type":"error"}', 'ended']);
  const after = setUp();
  await after.clock.advance(25 * seconds);
  after.delivery.fail(529, [], error);
  assert.deepEqual([after.reply.status, after.reply.text()], [200, 'event: error\ndata: {"type":"error"}\n\n']);
  assert.equal(after.reply.state, 'ended');
});

test('half an answer in one piece is a broken connection', () => {
  const { reply, delivery } = setUp(false);
  delivery.head(200, []);
  delivery.write(Buffer.from('{"half":'));
  delivery.fail(502, [], error);
  assert.equal(reply.state, 'destroyed');
});

test('no timer is left after the end, however it came', async () => {
  const endings: ((delivery: Delivery) => void)[] = [
    (delivery) => delivery.end(),
    (delivery) => delivery.stop(),
    (delivery) => delivery.fail(529, [], error),
  ];
  for (const end of endings) {
    const { clock, delivery } = setUp();
    delivery.head(200, []);
    end(delivery);
    assert.equal(clock.pendingTimers, 0);
    await clock.advance(60 * seconds);
  }
  const unheld = setUp();
  unheld.delivery.fail(529, [], error);
  assert.equal(unheld.clock.pendingTimers, 0);
});

test('nothing is written after the end, however it came and whatever follows', () => {
  const endings: ((delivery: Delivery) => void)[] = [
    (delivery) => delivery.end(),
    (delivery) => delivery.stop(),
    (delivery) => delivery.fail(529, [], error),
  ];
  for (const first of endings) {
    const { reply, delivery } = setUp();
    delivery.head(200, []);
    first(delivery);
    const seen = [reply.text(), reply.state];
    // The reply throws when it is told anything after its end.
    delivery.head(200, []);
    delivery.write(Buffer.from('more'));
    for (const second of endings) second(delivery);
    assert.deepEqual([reply.text(), reply.state], seen);
  }
});
