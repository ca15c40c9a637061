import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../../test/fixtures/failures.ts';
import type { Call, Flow, Reply } from '../core/call.ts';
import { CollectReply } from '../testing/collect-reply.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Flights } from './flights.ts';

/** Flights whose upstream calls are in the test's hand. */
function setUp() {
  const begun: { call: Call; reply: Reply; aborted: boolean; resumed: number }[] = [];
  const clock = new VirtualClock();
  const flights = new Flights(clock, (given, reply) => {
    const run = { call: given, reply, aborted: false, resumed: 0 };
    begun.push(run);
    return {
      resume: () => void run.resumed++,
      abort: () => {
        run.aborted = true;
      },
    };
  });
  const join = (more: Parameters<typeof call>[0] = {}): { reply: CollectReply; flow: Flow } => {
    const reply = new CollectReply();
    return { reply, flow: flights.join(call({ key: 'k', ...more }), reply) };
  };
  const answer = (run: number, status: number, text: string) => {
    const reply = begun[run]?.reply;
    reply?.head(status, ['a', 'b']);
    reply?.write(Buffer.from(text));
    reply?.end();
  };
  const later = (seconds: number) => ({ deadlineAtMs: clock.now() + seconds * 1000 });
  return { begun, clock, join, answer, later };
}

test('whoever joins late reads the answer from its beginning', () => {
  const { begun, join } = setUp();
  const first = join();
  begun[0]?.reply.head(200, ['a', 'b']);
  begun[0]?.reply.write(Buffer.from('Hel'));
  const second = join();
  assert.equal(second.reply.text(), 'Hel');
  begun[0]?.reply.write(Buffer.from('lo'));
  begun[0]?.reply.end();
  for (const { reply } of [first, second]) assert.deepEqual([reply.text(), reply.state], ['Hello', 'ended']);
  assert.equal(begun.length, 1);
});

test('another key, caller or token is another flight; another body under the same key is a conflict', () => {
  const { begun, join } = setUp();
  join();
  join({ key: 'other' });
  join({ caller: { credential: { id: 'x', apiKey: null, bearer: null, oauth: false }, trusted: true, token: null } });
  join({ caller: { credential: null, trusted: true, token: 'team' } });
  assert.equal(begun.length, 4);
  const { reply } = join({ body: Buffer.from('{ }') });
  assert.deepEqual([reply.status, reply.header('x-should-retry'), reply.state], [409, 'false', 'ended']);
  assert.equal(begun.length, 4);
});

test('the call goes on while anybody is aboard, and no longer', () => {
  const { begun, join } = setUp();
  const [leader, follower] = [join(), join()];
  leader.flow.abort();
  assert.equal(begun[0]?.aborted, false);
  follower.flow.abort();
  assert.equal(begun[0]?.aborted, true);
  join();
  assert.equal(begun.length, 2);
});

test('a slow reader holds up nobody, and gets the rest when it has caught up', () => {
  const { begun, join } = setUp();
  const [slow, fast] = [join(), join()];
  slow.reply.accepts = false;
  begun[0]?.reply.head(200, []);
  for (const part of ['a', 'b', 'c']) assert.equal(begun[0]?.reply.write(Buffer.from(part)), true);
  begun[0]?.reply.end();
  assert.deepEqual([fast.reply.text(), fast.reply.state], ['abc', 'ended']);
  assert.equal(slow.reply.text(), 'a');
  slow.reply.accepts = true;
  slow.flow.resume();
  assert.deepEqual([slow.reply.text(), slow.reply.state], ['abc', 'ended']);
});

test('only the leader is told when its patience ends; one with more takes the lead', () => {
  const { begun, join, answer, later } = setUp();
  const [hasty, patient] = [join(later(10)), join(later(60))];
  answer(0, 529, 'overloaded');
  assert.deepEqual([hasty.reply.status, patient.reply.status, begun.length], [529, null, 2]);
  answer(1, 200, 'good');
  assert.deepEqual([patient.reply.status, patient.reply.text()], [200, 'good']);
});

test('a reader that catches up after its end is told nothing more', () => {
  const { begun, join, answer, later } = setUp();
  const [hasty, patient] = [join(later(10)), join(later(60))];
  answer(0, 529, 'overloaded');
  begun[1]?.reply.head(200, []);
  begun[1]?.reply.write(Buffer.from('good'));
  hasty.flow.resume();
  hasty.flow.abort();
  assert.equal(hasty.reply.text(), 'overloaded');
  begun[1]?.reply.end();
  patient.flow.resume();
  assert.deepEqual([patient.reply.text(), begun[1]?.aborted], ['good', false]);
});

test('nobody asks again for what was refused for good', () => {
  const { begun, join, answer, later } = setUp();
  const callers = [join(later(10)), join(later(60))];
  answer(0, 400, 'wrong');
  for (const { reply } of callers) assert.deepEqual([reply.status, reply.text()], [400, 'wrong']);
  assert.equal(begun.length, 1);
});

test('a leader who has left hears nothing of the end of its call', () => {
  const { begun, join, answer, later } = setUp();
  const [hasty, patient] = [join(later(10)), join(later(60))];
  hasty.flow.abort();
  answer(0, 529, 'overloaded');
  assert.equal(hasty.reply.state, 'before-head');
  assert.equal(begun.length, 2);
  answer(1, 200, 'good');
  assert.equal(patient.reply.text(), 'good');
});

test('all see the break of what was broken', () => {
  const { begun, join } = setUp();
  const callers = [join(), join()];
  begun[0]?.reply.head(200, []);
  begun[0]?.reply.destroy(new Error('cut'));
  for (const { reply } of callers) assert.equal(reply.state, 'destroyed');
});
