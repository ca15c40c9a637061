import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RidethroughError } from '../../src/core/errors.ts';
import { lostAttempts } from '../../src/ledger/lost.ts';
import { eachStory, listCalls, showCall } from '../../src/ledger/query.ts';
import { cursorOf, type FilterWords, readCursor, readFilter, readLimit } from '../../src/ledger/read-filter.ts';
import { withStores } from '../store/with-stores.ts';
import { record, type Told } from './stage.ts';

const hourMs = 3_600_000;
const nowMs = Date.parse('2026-11-22T14:00:00Z');

const told: readonly Told[] = [
  { call: { receivedAtMs: nowMs - 3 * hourMs } },
  {
    call: { receivedAtMs: nowMs - 2 * hourMs, recovered: ['retry'] },
    attempts: [{ failure: 'overload', status: 529, bodyRequestId: 'req_body' }, { reason: 'retry' }],
  },
  {
    call: {
      ...{ receivedAtMs: nowMs - hourMs, result: 'failed', status: 429, model: 'claude-sonnet-5-5' },
      error: { class: 'rate-limit', type: 'rate_limit_error', code: null },
    },
    attempts: [{ failure: 'rate-limit', status: 429 }],
  },
  { call: { receivedAtMs: nowMs - hourMs, result: 'aborted', status: null, route: 'backup/claude-opus-5-5' } },
];

withStores('every filter finds its calls, the newest first', async (store) => {
  await record(store, told);
  const found = async (words: FilterWords) =>
    (await listCalls(store, readFilter(words, nowMs), 50)).calls.map(({ id }) => id);
  assert.deepEqual(await found({}), ['call-3', 'call-2', 'call-1', 'call-0']);
  assert.deepEqual(await found({ since: '2h' }), ['call-3', 'call-2', 'call-1']);
  assert.deepEqual(await found({ since: '3h', until: '2026-11-22T13:00' }), ['call-1', 'call-0']);
  assert.deepEqual(await found({ status: '429' }), ['call-2']);
  assert.deepEqual(await found({ status: '2xx' }), ['call-1', 'call-0']);
  assert.deepEqual(await found({ class: 'overload' }), ['call-1'], 'met on the way');
  assert.deepEqual(await found({ class: 'rate-limit' }), ['call-2']);
  assert.deepEqual(await found({ model: 'claude-sonnet-5-5' }), ['call-2']);
  assert.deepEqual(await found({ route: 'backup/claude-opus-5-5' }), ['call-3']);
  assert.deepEqual(await found({ result: 'recovered' }), ['call-1']);
  assert.deepEqual(await found({ result: 'whole' }), ['call-1', 'call-0']);
  assert.deepEqual(await found({ 'request-id': 'req_body' }), ['call-1']);
  assert.deepEqual(await found({ 'request-id': 'req_1_2', result: 'failed' }), []);
});

withStores(
  'what was lost with its gateway is found by its class, although nobody wrote the row of its call',
  async (store) => {
    await record(store, told);
    const at = nowMs - hourMs;
    const attempt =
      "CAST($2 AS BIGINT) AS at, 70 AS total_ms, 'claude-opus-5-5' AS model, 'c0ffee' AS credential, 400 AS bytes_sent";
    const lose = (id: string) => lostAttempts(`SELECT CAST($1 AS TEXT) AS call_id, ${attempt}`, [id, at]);
    await store.write([lose('item.1'), lose('item.2')]);
    const found = (words: FilterWords) => listCalls(store, readFilter({ class: 'lost', ...words }, nowMs), 1);
    const { calls, next } = await found({ model: 'claude-opus-5-5', since: '2h' });
    assert.deepEqual(
      calls.map(({ id, at: began, result, status, attempts }) => [id, began, result, status, attempts]),
      [['item.2', new Date(at).toISOString(), 'lost', null, 1]],
    );
    const { calls: older } = await listCalls(store, { class: 'lost' }, 2, next);
    assert.deepEqual(
      older.map(({ id }) => id),
      ['item.1'],
    );
    assert.deepEqual((await found({ status: '5xx' })).calls, []);
    for await (const { attempts } of eachStory(store, { class: 'lost' })) assert.equal(attempts[0]?.result, 'lost');
  },
);

withStores('pages follow one another without a gap or a double, also within one millisecond', async (store) => {
  await record(
    store,
    Array.from({ length: 10 }, (_value, index) => ({ call: { receivedAtMs: nowMs + Math.floor(index / 5) } })),
  );
  const ids: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const { calls, next } = await listCalls(store, {}, 3, readCursor(cursor));
    ids.push(...calls.map(({ id }) => id));
    if (next === null) break;
    cursor = cursorOf(next);
  }
  assert.deepEqual(
    ids,
    Array.from({ length: 10 }, (_value, index) => `call-${9 - index}`),
  );
});

withStores('a call is shown by its own id and by any id of its attempts', async (store) => {
  await record(store, told);
  for (const id of ['call-1', 'req_1_1', 'req_1_2', 'req_body']) {
    const story = await showCall(store, id);
    assert.equal(story?.call?.id, 'call-1', id);
    assert.deepEqual(
      story?.attempts.map(({ n, class: failure }) => [n, failure]),
      [
        [1, 'overload'],
        [2, null],
      ],
    );
  }
  assert.equal(await showCall(store, 'req_nobody'), null);
});

withStores('the attempt of a healthy call is shown as if it had a row of its own', async (store) => {
  const attempt = { startedAtMs: nowMs + 7.4, firstByteMs: 120.6, route: 'backup/claude-opus-5-5', upstream: 'backup' };
  const call = { receivedAtMs: nowMs, route: 'backup/claude-opus-5-5', requestId: 'req_0_1' };
  await record(store, [
    { call, attempts: [attempt] },
    // Another route than the one it ended on: two rows.
    { call: { ...call, requestId: 'req_1_1', route: 'anthropic/claude-opus-5-5' }, attempts: [attempt] },
  ]);
  const one = await showCall(store, 'req_0_1');
  const two = await showCall(store, 'req_1_1');
  const [rows] = await store.read({ sql: 'SELECT COUNT(*) AS n FROM ledger_attempts', values: [] });
  assert.equal(rows?.n, 1);
  assert.equal(one?.attempts[0]?.at, new Date(nowMs + 7).toISOString());
  assert.deepEqual(
    one?.attempts.map((each) => ({ ...each, call_id: 'call-1', request_id: 'req_1_1' })),
    two?.attempts,
  );
  assert.deepEqual(Object.keys(one?.attempts[0] ?? {}).toSorted(), Object.keys(two?.attempts[0] ?? {}).toSorted());
  assert.deepEqual(Object.keys(one?.call ?? {}), Object.keys(two?.call ?? {}));
  const { calls } = await listCalls(store, { requestId: 'req_0_1' }, 50);
  assert.deepEqual(
    calls.map(({ id }) => id),
    ['call-0'],
  );
});

withStores('attempts of a call whose own row is missing are shown', async (store) => {
  await record(store, told);
  await store.write([{ sql: "DELETE FROM ledger_calls WHERE id = 'call-1'", values: [] }]);
  const story = await showCall(store, 'req_1_2');
  assert.equal(story?.call, null);
  assert.equal(story?.attempts.length, 2);
});

withStores('an export goes over all pages, each call with its own attempts', async (store) => {
  await record(
    store,
    Array.from({ length: 130 }, () => ({ call: { receivedAtMs: nowMs } })),
  );
  const ids: string[] = [];
  for await (const { call, attempts } of eachStory(store, {})) {
    ids.push(call.id);
    assert.deepEqual(
      attempts.map(({ call_id }) => call_id),
      [call.id],
    );
  }
  assert.deepEqual(
    ids,
    Array.from({ length: 130 }, (_value, index) => `call-${129 - index}`),
  );
});

test('times are ago, or dates in UTC', () => {
  const since = (text: string) => new Date(readFilter({ since: text }, nowMs).sinceMs ?? 0).toISOString();
  assert.equal(since('90s'), '2026-11-22T13:58:30.000Z');
  assert.equal(since('2d'), '2026-11-20T14:00:00.000Z');
  assert.equal(since('2026-11-20'), '2026-11-20T00:00:00.000Z');
  assert.equal(since('2026-11-20T08:30'), '2026-11-20T08:30:00.000Z');
  assert.equal(since('2026-11-20T08:30:15+02:00'), '2026-11-20T06:30:15.000Z');
});

test('what is no filter is refused in a sentence that says what would be', () => {
  const wrong: [FilterWords, RegExp][] = [
    [
      { since: 'yesterday' },
      /^"since" wants a time ago such as 30m, 2h or 7d, or a date such as 2026-11-22T14:00, not "yesterday"\.$/,
    ],
    [{ until: '2026-13-45' }, /^"until" wants/],
    [{ status: '42' }, /^"status" wants a status such as 429 or 5xx, not "42"\.$/],
    [{ class: 'overlaod' }, /^"class" wants one of overload, server, /],
    [{ result: 'good' }, /^"result" wants one of whole, recovered, failed, aborted, not "good"\.$/],
  ];
  for (const [words, message] of wrong) {
    assert.throws(
      () => readFilter(words, nowMs),
      (error) => error instanceof RidethroughError && message.test(error.message),
    );
  }
  for (const limit of ['0', '1001', 'x', '1e3']) assert.throws(() => readLimit(limit), RidethroughError, limit);
  assert.equal(readLimit(null), 50);
  assert.throws(() => readCursor('x'), RidethroughError);
});
