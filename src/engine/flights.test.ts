import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../../test/fixtures/failures.ts';
import type { Call, Flow, Reply } from '../core/call.ts';
import { CollectReply } from '../testing/collect-reply.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Flights } from './flights.ts';

/** Flights whose upstream calls are in the test's hand. */
function setUp() {
  const begun: { call: Call; reply: Reply; aborted: boolean; outOfPatience: boolean }[] = [];
  const clock = new VirtualClock();
  const flights = new Flights(clock, (given, reply) => {
    const run = {
      call: given,
      reply,
      aborted: false,
      outOfPatience: false,
      resume() {},
      abort: () => {
        run.aborted = true;
      },
    };
    begun.push(run);
    return run;
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
  /** The leader would not wait longer for the upstream. */
  const tire = (run: number) => {
    const tired = begun[run];
    if (tired !== undefined) tired.outOfPatience = true;
    answer(run, 529, 'overloaded');
  };
  const later = (seconds: number) => ({ deadlineAtMs: clock.now() + seconds * 1000 });
  return { begun, clock, join, answer, tire, later };
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

test('another key, caller or token is another flight; another request under the same key is a conflict', () => {
  const { begun, join } = setUp();
  join();
  join({ key: 'other' });
  join({ caller: { credential: { id: 'x', apiKey: null, bearer: null, oauth: false }, token: null } });
  join({ caller: { credential: null, token: 'team' } });
  assert.equal(begun.length, 4);
  const others: Partial<Call>[] = [
    { body: Buffer.from('{ }') },
    { headers: ['Anthropic-Beta', 'x'] },
    { release: 'delta' },
    { thinking: 'stream' },
    { fallback: 'off' },
  ];
  for (const other of others) {
    const { reply } = join(other);
    assert.deepEqual([reply.status, reply.header('x-should-retry'), reply.state], [409, 'false', 'ended']);
  }
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
  const { begun, join, answer, tire, later } = setUp();
  const [hasty, patient] = [join(later(10)), join(later(60))];
  tire(0);
  assert.deepEqual([hasty.reply.status, patient.reply.status, begun.length], [529, null, 2]);
  answer(1, 200, 'good');
  assert.deepEqual([patient.reply.status, patient.reply.text()], [200, 'good']);
});

test('a reader that catches up after its end is told nothing more', () => {
  const { begun, join, tire, later } = setUp();
  const [hasty, patient] = [join(later(10)), join(later(60))];
  tire(0);
  begun[1]?.reply.head(200, []);
  begun[1]?.reply.write(Buffer.from('good'));
  hasty.flow.resume();
  hasty.flow.abort();
  assert.equal(hasty.reply.text(), 'overloaded');
  begun[1]?.reply.end();
  patient.flow.resume();
  assert.deepEqual([patient.reply.text(), begun[1]?.aborted], ['good', false]);
});

test('five equal calls whose upstream refuses are one call, not five in a row', () => {
  for (const status of [400, 409, 429, 500, 529]) {
    const { begun, join, answer, later } = setUp();
    const callers = [10, 20, 30, 40, 50].map((seconds) => join(later(seconds)));
    answer(0, status, 'wrong');
    for (const { reply } of callers) assert.deepEqual([reply.status, reply.text()], [status, 'wrong']);
    assert.equal(begun.length, 1);
  }
});

test('what was told to all is not asked again, whoever runs out of patience', () => {
  const { begun, join, later } = setUp();
  const callers = [join(later(10)), join(later(60))];
  begun[0]?.reply.head(200, []);
  if (begun[0]) begun[0].outOfPatience = true;
  begun[0]?.reply.write(Buffer.from('event: error'));
  begun[0]?.reply.end();
  for (const { reply } of callers) assert.deepEqual([reply.text(), reply.state], ['event: error', 'ended']);
  assert.equal(begun.length, 1);
});

test('a leader who has left hears nothing of the end of its call', () => {
  const { begun, join, answer, tire, later } = setUp();
  const [hasty, patient] = [join(later(10)), join(later(60))];
  hasty.flow.abort();
  tire(0);
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
