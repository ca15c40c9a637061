import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptEvent, callEvent } from '../../test/fixtures/events.ts';
import type { AttemptEvent, CallEvent } from '../core/events.ts';
import { migrate } from '../store/migrate.ts';
import { type Row, type Store, StoreError, type StoreErrorCode } from '../store/store.ts';
import { VirtualClock } from '../testing/index.ts';
import { inlineSqlite } from '../testing/inline-sqlite.ts';
import { healthyRows, waitingRowsMax } from './limits.ts';
import { Recorder } from './recorder.ts';

/** A recorder on a database in memory that fails while `fault` is set. */
async function recording() {
  const clock = new VirtualClock();
  const store = inlineSqlite({ path: ':memory:', clock });
  await migrate(store);
  const alarms: string[] = [];
  const state: { fault: StoreErrorCode | null; writes: number } = { fault: null, writes: 0 };
  const failing: Store = {
    ...store,
    read: (statement) => store.read(statement),
    async write(statements) {
      state.writes++;
      if (state.fault !== null) throw new StoreError(state.fault, 'There is no room on the disk.');
      return store.write(statements);
    },
  };
  const recorder = new Recorder({ store: failing, clock, alarm: (sentence) => alarms.push(sentence) });
  const rows = async (table: string): Promise<readonly Row[]> =>
    store.read({ sql: `SELECT * FROM ${table} ORDER BY seq`, values: [] });
  return { clock, recorder, alarms, state, rows };
}

test('healthy rows share a commit a quarter of a second later, a failure waits a tenth of that', async () => {
  const { clock, recorder, rows } = await recording();
  recorder.attempt(attemptEvent({ callId: 'a' }));
  await clock.advance(200);
  assert.equal((await rows('ledger_attempts')).length, 0);
  recorder.attempt(attemptEvent({ callId: 'b', failure: 'overload', status: 529 }));
  await clock.advance(24);
  assert.equal((await rows('ledger_attempts')).length, 0);
  await clock.advance(1);
  assert.deepEqual(
    (await rows('ledger_attempts')).map((row) => row.call_id),
    ['b', 'a'],
  );
});

test('a thousand rows are written at once', async () => {
  const { clock, recorder, state, rows } = await recording();
  for (let i = 0; i < 1000; i++) recorder.call(callEvent({ callId: `call-${i}` }));
  await recorder.flush();
  assert.equal(state.writes, 1);
  assert.equal((await rows('ledger_calls')).length, 1000);
  assert.equal(clock.pendingTimers, 0, 'no timer is left');
});

test('what a call and its attempts were stands in their rows', async () => {
  const { recorder, rows } = await recording();
  recorder.attempt(
    attemptEvent({
      failure: 'overload',
      error: { type: 'overloaded_error', code: null, action: 'retry', waitMs: 1500.4 },
      bodyRequestId: 'req_body',
      tokens: () => ({ input: 10, cacheWrite: 1, cacheRead: 2, output: 33, estimated: true }),
    }),
  );
  recorder.call(callEvent({ recovered: ['retry', 'resume'], attempts: 2 }));
  await recorder.flush();
  const [attempt] = await rows('ledger_attempts');
  const { class: failure, type, wait_ms, body_request_id, output_tokens, estimated, result } = attempt as Row;
  assert.deepEqual(
    { failure, type, wait_ms, body_request_id, output_tokens, estimated, result },
    {
      ...{ failure: 'overload', type: 'overloaded_error', wait_ms: 1500, body_request_id: 'req_body' },
      ...{ output_tokens: 33, estimated: 1, result: 'failed' },
    },
  );
  const [call] = await rows('ledger_calls');
  assert.equal(call?.recovered, 'retry,resume');
});

test('a call that its first attempt made whole is one row, any other has a row for each attempt', async () => {
  const { clock, recorder, rows } = await recording();
  const tell = (callId: string, attempt: Partial<AttemptEvent>, call: Partial<CallEvent> = {}) => {
    recorder.attempt(attemptEvent({ callId, ...attempt }));
    recorder.call(callEvent({ callId, ...call }));
  };
  tell('healthy', {});
  tell('aborted', { aborted: true }, { result: 'aborted' });
  tell('probe', { reason: 'probe' });
  tell('renamed', {}, { model: 'claude-sonnet-5-5' });
  tell('estimated', { tokens: () => ({ input: 1, cacheWrite: 0, cacheRead: 0, output: 2, estimated: true }) });
  tell('empty', { released: false });
  tell('second', { index: 2, reason: 'retry' }, { attempts: 2, recovered: ['retry'] });
  recorder.attempt(attemptEvent({ callId: 'ends late' }));
  recorder.attempt(attemptEvent({ callId: 'goes on' }));
  await clock.advance(250);
  const ownRows = ['aborted', 'probe', 'renamed', 'estimated', 'empty', 'second', 'ends late', 'goes on'];
  assert.deepEqual(
    (await rows('ledger_attempts')).map((row) => row.call_id),
    ownRows,
  );
  assert.deepEqual(
    (await rows('ledger_calls')).filter((row) => row.only_total_ms !== null).map((row) => row.id),
    ['healthy'],
  );
});

test('what is no word in a type, and no id in an id, is not written down', async () => {
  const { recorder, rows } = await recording();
  const error = { type: 'the user said: hello', code: 'x'.repeat(65), action: 'surface', waitMs: null } as const;
  recorder.attempt(
    attemptEvent({ failure: 'request', error, requestId: 'hello world', model: `m\n${'x'.repeat(300)}` }),
  );
  await recorder.flush();
  const [row] = await rows('ledger_attempts');
  assert.deepEqual([row?.type, row?.code, row?.request_id], ['other', 'other', null]);
  assert.match(String(row?.model), /^m\?x{198}$/);
});

test('while the store fails it is tried again, ever later, and told of once, and once when it is well', async () => {
  const { clock, recorder, alarms, state, rows } = await recording();
  state.fault = 'full';
  recorder.call(callEvent());
  await clock.advance(250 + 500 + 1000 + 2000);
  assert.equal(state.writes, 4);
  assert.equal(recorder.failing, true);
  state.fault = null;
  await clock.advance(4000);
  assert.equal((await rows('ledger_calls')).length, 1);
  assert.deepEqual(alarms, [
    'the ledger cannot be written: There is no room on the disk. Calls are served all the same; what does not fit in memory will be missing.',
    'the ledger is written again; nothing is missing.',
  ]);
});

test('a write that may have happened is repeated without doubling a row', async () => {
  const { clock, recorder, state, rows } = await recording();
  recorder.call(callEvent());
  await recorder.flush();
  state.fault = 'unsure';
  recorder.call(callEvent());
  await clock.advance(300);
  state.fault = null;
  await clock.advance(1000);
  assert.equal((await rows('ledger_calls')).length, 1);
});

test('rows that the store refuses are given up, and those after them are written', async () => {
  const { clock, recorder, state, rows } = await recording();
  state.fault = 'refused';
  recorder.call(callEvent({ callId: 'refused' }));
  await clock.advance(300);
  state.fault = null;
  recorder.call(callEvent({ callId: 'after' }));
  await clock.advance(300);
  assert.deepEqual(
    (await rows('ledger_calls')).map((row) => row.id),
    ['after'],
  );
  assert.equal(recorder.dropped.calls, 1);
});

test('healthy calls beyond their allowance are counted, failures never are; a row a minute tells how many', async () => {
  const { clock, recorder, rows } = await recording();
  const startMs = clock.now();
  let told = 0;
  const serve = async (seconds: number, perSecond: number) => {
    for (let tick = 0; tick < seconds * 10; tick++) {
      for (let i = 0; i < perSecond / 10; i++) {
        const callId = `call-${told++}`;
        recorder.attempt(attemptEvent({ callId, startedAtMs: clock.now(), totalMs: 0 }));
        recorder.call(callEvent({ callId, receivedAtMs: clock.now(), totalMs: 0 }));
      }
      recorder.attempt(attemptEvent({ callId: `bad-${told}`, failure: 'overload' }));
      await clock.advance(100);
    }
  };
  await serve(2, 900);
  assert.equal(recorder.dropped.healthy_calls, 0);
  await serve(90, 1_500);
  await recorder.close();
  const seconds = (clock.now() - startMs) / 1000;
  const failed = (await rows('ledger_attempts')).length;
  const healthy = (await rows('ledger_calls')).length;
  assert.equal(failed, 920);
  const { perSecond, burst } = healthyRows;
  assert.ok(Math.abs(healthy - (perSecond * seconds + burst)) < perSecond, `${healthy} in ${seconds} s`);
  assert.equal(healthy + recorder.dropped.healthy_calls, told, 'every call is written or counted');
  const tallies = await rows('ledger_drops');
  assert.equal(
    tallies.reduce((sum, row) => sum + Number(row.healthy_calls), 0),
    recorder.dropped.healthy_calls,
  );
  assert.equal(tallies.length, 3);
});

test('what comes during a write gathers for the next, and a failure among it waits no longer than others do', async () => {
  const { clock, recorder, state, rows } = await recording();
  recorder.call(callEvent({ callId: 'first' }));
  const flushed = recorder.flush();
  recorder.call(callEvent({ callId: 'during' }));
  await flushed;
  assert.equal((await rows('ledger_calls')).length, 2, 'a flush writes that too');
  for (const callId of ['a', 'b', 'c']) {
    recorder.call(callEvent({ callId }));
    await clock.advance(250);
    recorder.call(callEvent({ callId: `${callId}2` }));
  }
  assert.equal(state.writes, 2 + 3);
  recorder.attempt(attemptEvent({ callId: 'bad', failure: 'overload' }));
  await clock.advance(25);
  assert.equal((await rows('ledger_attempts')).length, 1);
  assert.equal((await rows('ledger_calls')).length, 8);
  assert.equal(clock.pendingTimers, 0, 'no timer is left');
});

test('memory is bounded: healthy calls go first, failed ones stay, and a row tells how much is missing', async () => {
  const { clock, recorder, state, rows } = await recording();
  state.fault = 'gone';
  recorder.call(callEvent({ callId: 'first' }));
  await clock.advance(300);
  for (let i = 0; i < 100; i++) recorder.attempt(attemptEvent({ callId: `bad-${i}`, failure: 'network' }));
  const healthy = 1.5 * waitingRowsMax;
  for (let i = 0; i < healthy; i++) {
    // Slower than their allowance fills: only memory is short.
    const receivedAtMs = 4 * i;
    recorder.attempt(attemptEvent({ callId: `good-${i}`, startedAtMs: receivedAtMs }));
    recorder.call(callEvent({ callId: `good-${i}`, receivedAtMs }));
  }
  assert.ok(recorder.waitingRows <= waitingRowsMax);
  const { healthy_calls, calls, failed_attempts } = recorder.dropped;
  assert.ok(healthy_calls > 9_000 && calls + failed_attempts === 0, JSON.stringify(recorder.dropped));
  state.fault = null;
  await clock.advance(30_000);
  await recorder.flush();
  const written = await rows('ledger_attempts');
  assert.equal(written.filter((row) => row.result === 'failed').length, 100);
  assert.deepEqual(
    (await rows('ledger_drops')).map((row) => [row.healthy_calls, row.attempts, row.calls, row.failed_attempts]),
    [[healthy_calls, 0, 0, 0]],
  );
  assert.equal(recorder.writtenRows + healthy_calls, healthy + 101, 'every row is written or counted');
});

test('closing writes what waits, and takes nothing more', async () => {
  const { clock, recorder, rows } = await recording();
  recorder.call(callEvent());
  await recorder.close();
  recorder.call(callEvent({ callId: 'late' }));
  await clock.advance(1000);
  assert.equal((await rows('ledger_calls')).length, 1);
  assert.equal(clock.pendingTimers, 0, 'no timer is left');
});

test('closing does not wait for a store that fails', async () => {
  const { clock, recorder, state } = await recording();
  state.fault = 'full';
  recorder.call(callEvent());
  await clock.advance(300);
  await recorder.close();
  assert.equal(clock.pendingTimers, 0, 'no timer is left');
});
