import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultReplies } from '../../src/core/limits.ts';
import { leaseMs, purgeMs } from '../../src/replies/bounds.ts';
import { ReplyRecords } from '../../src/replies/reply-records.ts';
import type { MemoryUpstream } from '../../src/testing/index.ts';
import { errorJson, json, message } from '../engine/memory-stage.ts';
import { withStores } from '../store/with-stores.ts';
import { counting, crashable, ended, openStage, processOn, small } from './keyed-stage.ts';

test('one key has one answer, also after a restart', async (context) => {
  const { clock, store } = await openStage(context);
  const upstream = counting();
  const first = await ended(clock, processOn(store, clock, upstream).ask().reply);
  const again = await ended(clock, processOn(store, clock, upstream, 2).ask().reply);
  assert.equal(upstream.count, 1);
  assert.equal(again.text(), first.text());
  assert.equal(again.header('ridethrough-id'), first.header('ridethrough-id'));
  assert.deepEqual([first.header('ridethrough-replayed'), again.header('ridethrough-replayed')], [null, 'yes']);
});

test('another request under the same key is refused, also after a restart', async (context) => {
  const { clock, store } = await openStage(context);
  const upstream = counting();
  await ended(clock, processOn(store, clock, upstream).ask().reply);
  const other = await ended(clock, processOn(store, clock, upstream, 2).ask({ body: { max_tokens: 1 } }).reply);
  assert.deepEqual([other.status, other.header('x-should-retry')], [409, 'false']);
  assert.equal(other.header('ridethrough-id'), JSON.parse(other.text()).request_id);
  assert.equal(upstream.count, 1);
});

test('what passes is not kept, what is wrong with the request is', async (context) => {
  const { clock, store } = await openStage(context);
  const overload = counting(Array.from({ length: 50 }, () => () => [529, errorJson('overloaded_error')]));
  const gateway = processOn(store, clock, overload);
  assert.equal((await ended(clock, gateway.ask({ deadlineSeconds: 5 }).reply)).status, 529);
  const before = overload.count;
  assert.equal((await ended(clock, gateway.ask({ deadlineSeconds: 5 }).reply)).status, 529);
  assert.ok(overload.count > before);
  const refusing = counting([() => [400, errorJson('invalid_request_error')]]);
  for (const seed of [2, 3]) {
    assert.equal((await ended(clock, processOn(store, clock, refusing, seed).ask({ key: 'bad' }).reply)).status, 400);
  }
  assert.equal(refusing.count, 1);
});

test('calls of one key in one process share one upstream call, and outlive the first caller', async (context) => {
  const { clock, store } = await openStage(context);
  let answer: () => void = () => {};
  const upstream: MemoryUpstream = (_, respond) => {
    answer = () => respond.answer(200, json, message);
  };
  const gateway = processOn(store, clock, upstream);
  const [first, second] = [gateway.ask(), gateway.ask()];
  await clock.advance(100);
  first.flow.abort();
  answer();
  assert.equal((await ended(clock, second.reply)).text(), message);
  assert.equal(first.reply.state, 'before-head');
  const later = await ended(clock, processOn(store, clock, counting(), 2).ask().reply);
  assert.equal(later.header('ridethrough-replayed'), 'yes');
});

test('a call waits for the answer that another gateway is getting; one in haste is told to come back', async (context) => {
  const { clock, store } = await openStage(context);
  let answer: () => void = () => {};
  const one = processOn(store, clock, (_, respond) => {
    answer = () => respond.answer(200, json, message);
  });
  const upstream = counting();
  const other = processOn(store, clock, upstream, 2);
  one.ask();
  await clock.advance(100);
  const waiting = other.ask();
  const impatient = other.ask({ deadlineSeconds: 3 });
  // Longer than a lease: it is renewed while the call runs.
  await clock.advance(3 * leaseMs);
  assert.equal(waiting.reply.state, 'before-head');
  assert.deepEqual([impatient.reply.status, impatient.reply.header('x-should-retry')], [504, 'true']);
  answer();
  assert.equal((await ended(clock, waiting.reply)).text(), message);
  assert.equal(upstream.count, 0);
});

test('the key of a crashed gateway is taken over when its lease has run out, and that is told', async (context) => {
  const { clock, store } = await openStage(context);
  const { reachable, crash } = crashable(store);
  processOn(reachable, clock, () => {}).ask();
  await clock.advance(100);
  crash();
  const upstream = counting();
  const gateway = processOn(store, clock, upstream, 2);
  const { reply } = gateway.ask();
  await clock.advance(leaseMs - 1_000);
  assert.equal(upstream.count, 0);
  assert.equal((await ended(clock, reply)).status, 200);
  assert.deepEqual([upstream.count, gateway.replies.takeovers], [1, 1]);
});

test('answers are thrown away when they are old, or too many', async (context) => {
  const { clock, store } = await openStage(context);
  const upstream = counting();
  const gateway = processOn(store, clock, upstream);
  await ended(clock, gateway.ask({ key: 'old' }).reply);
  await clock.advance(defaultReplies.retention * 1000);
  await ended(clock, gateway.ask({ key: 'old' }).reply);
  assert.equal(upstream.count, 2);
  const tidy = processOn(store, clock, upstream, 2, { ...small, megabytes: 0 });
  await clock.advance(purgeMs);
  await tidy.replies.stop();
  await ended(clock, gateway.ask({ key: 'old' }).reply);
  assert.equal(upstream.count, 3);
});

test('a database that is away costs the protection of the key, not the call', async (context) => {
  const { clock, store } = await openStage(context);
  await store.close();
  const reply = await ended(clock, processOn(store, clock, counting()).ask().reply);
  assert.equal(reply.status, 200);
  assert.match(reply.header('ridethrough-warning') ?? '', /not kept: the database is away/);
});

test('an answer in one piece that could not be kept at its end says so', async (context) => {
  const { clock, store } = await openStage(context);
  const upstream: MemoryUpstream = async (_, respond) => {
    await store.close();
    respond.answer(200, json, message);
  };
  const reply = await ended(clock, processOn(store, clock, upstream).ask().reply);
  assert.equal(reply.text(), message);
  assert.match(reply.header('ridethrough-warning') ?? '', /not kept: the database is away/);
});

withStores('a key is claimed once, kept once, and only by the holder of its lease', async (store) => {
  const [one, other] = [new ReplyRecords(store, 'one'), new ReplyRecords(store, 'other')];
  const claims = await Promise.all([one, other, one, other].map((each) => each.claim('n', 'p', defaultReplies)));
  const ours = claims.flatMap((known) => (known.state === 'ours' ? [known.claim] : []));
  assert.equal(ours.length, 1);
  const [claim] = ours;
  assert.ok(claim !== undefined);
  assert.equal(await one.keep({ ...claim, fence: claim.fence - 1 }, Buffer.from('late')), false);
  assert.equal(await one.renew(claim), true);
  assert.equal(await one.keep(claim, Buffer.from('answer')), true);
  assert.equal(await one.keep(claim, Buffer.from('again')), false);
  const known = await other.claim('n', 'p', defaultReplies);
  assert.equal(known.state === 'kept' && Buffer.from(known.reply).toString(), 'answer');
  assert.equal((await other.claim('n', 'another', defaultReplies)).state, 'other');
  await one.purge({ megabytes: 1 });
  assert.equal((await other.look('n', 'p')).state, 'kept');
  await one.purge({ megabytes: 0 });
  assert.equal((await other.claim('n', 'another', defaultReplies)).state, 'ours');
});

test('who waits for the answer of another gateway is told at once when its own shuts down', async (context) => {
  const { clock, store } = await openStage(context);
  const silent: MemoryUpstream = () => {};
  const [first, second] = [processOn(store, clock, silent), processOn(store, clock, silent, 2)];
  first.ask();
  await clock.advance(100);
  const { reply } = second.ask();
  await clock.advance(5_000);
  assert.equal(reply.state, 'before-head');
  void second.drain();
  await clock.advance(100);
  assert.equal(reply.state, 'ended');
  assert.deepEqual([reply.status, reply.header('x-should-retry')], [529, 'true']);
});

test('a key that is in flight during a reload is asked once, and has one answer', async (context) => {
  const { clock, store } = await openStage(context);
  let asked = 0;
  const slow: MemoryUpstream = (_request, respond) => {
    const body = message.replace('[]', `[${asked++}]`);
    clock.after(10_000, () => respond.answer(200, json, body));
  };
  const gateway = processOn(store, clock, slow);
  const first = gateway.ask();
  await clock.advance(1_000);
  gateway.reload();
  const second = gateway.ask();
  await clock.advance(1_000);
  assert.deepEqual([(await ended(clock, first.reply)).text(), asked], [message.replace('[]', '[0]'), 1]);
  assert.equal((await ended(clock, second.reply)).text(), first.reply.text());
});

test('a call that takes longer than answers are kept is asked once, and has its answer kept', async (context) => {
  const { clock, store } = await openStage(context);
  const upstream = counting();
  const slow: MemoryUpstream = (...exchange) => void clock.after(90_000, () => upstream(...exchange));
  const brief = { ...small, retention: 60 };
  const [one, other] = [processOn(store, clock, slow, 1, brief), processOn(store, clock, slow, 2, brief)];
  const first = one.ask();
  await clock.advance(70_000);
  const second = other.ask();
  await ended(clock, first.reply);
  assert.equal((await ended(clock, second.reply)).text(), first.reply.text());
  await clock.advance(30_000);
  assert.equal((await ended(clock, other.ask().reply)).text(), first.reply.text());
  assert.equal(upstream.count, 1);
});

withStores('who answers a key keeps it, however short answers are kept', async (store) => {
  const [one, other] = [new ReplyRecords(store, 'one'), new ReplyRecords(store, 'other')];
  const known = await one.claim('n', 'p', { retention: 0 });
  assert.ok(known.state === 'ours');
  await other.purge({ megabytes: 1 });
  assert.equal((await other.claim('n', 'p', { retention: 0 })).state, 'running');
  assert.equal(await one.keep(known.claim, Buffer.from('answer')), true);
  await other.purge({ megabytes: 1 });
});
