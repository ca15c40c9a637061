import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureCosts, sumOfCosts } from '../../src/ledger/cost.ts';
import { lostAttempts } from '../../src/ledger/lost.ts';
import { costOf } from '../../src/ledger/prices.ts';
import { showCall } from '../../src/ledger/query.ts';
import { supportBundle } from '../../src/ledger/support.ts';
import { supportMarkdown } from '../../src/ledger/support-markdown.ts';
import { withStores } from '../store/with-stores.ts';
import { record } from './stage.ts';

const atMs = Date.parse('2026-11-22T14:10:00Z');
const tokens = () => ({ input: 1000, cacheWrite: 0, cacheRead: 0, output: 500, estimated: true });
const versions = { ridethrough: '1.2.3', node: '24.0.0', platform: 'linux' };

withStores('only what did not reach a caller costs, by day, model and class', async (store) => {
  const base = { startedAtMs: atMs };
  await record(store, [
    { attempts: [{ ...base, tokens }] },
    {
      attempts: [
        { ...base, failure: 'truncated', released: false, tokens },
        { ...base, reason: 'retry', tokens },
      ],
    },
    { attempts: [{ ...base, failure: 'truncated', released: false, tokens }] },
    // Half of it reached the caller, and the rest was asked for again.
    {
      attempts: [
        { ...base, failure: 'network', released: true, tokens },
        { ...base, reason: 'resume', tokens },
      ],
    },
    { attempts: [{ ...base, failure: 'timeout', released: false, tokens: () => null }] },
    { attempts: [{ ...base, failure: 'overload', released: false, tokens: () => null, model: 'claude-unheard-of' }] },
    { attempts: [{ ...base, aborted: true, released: false, tokens, startedAtMs: atMs + 86_400_000 }] },
  ]);
  const costs = await failureCosts(store, atMs, atMs + 2 * 86_400_000);
  assert.deepEqual(
    costs.map((row) => [
      ...[row.day, row.model, row.class, row.attempts, row.input, row.output, row.billed, row.unknown, row.usd],
    ]),
    [
      ['2026-11-23', 'claude-opus-5-5', 'aborted', 1, 1000, 500, 1, 0, 0.014],
      ['2026-11-22', 'claude-opus-5-5', 'resumed', 1, 1000, 0, 1, 0, 0.004],
      ['2026-11-22', 'claude-opus-5-5', 'timeout', 1, 0, 0, 0, 1, 0],
      ['2026-11-22', 'claude-opus-5-5', 'truncated', 2, 2000, 1000, 2, 0, 0.028],
      ['2026-11-22', 'claude-unheard-of', 'overload', 1, 0, 0, 0, 0, null],
    ],
  );
  const { billed, unknown, usd, unknownUsd } = sumOfCosts(costs);
  // 300 bytes were sent, which are about 75 tokens.
  assert.deepEqual([billed, unknown, usd.toFixed(3), unknownUsd], [4, 1, '0.046', 0.0003]);
  assert.deepEqual(await failureCosts(store, atMs + 5 * 86_400_000, atMs + 6 * 86_400_000), []);
});

withStores('an attempt that ended with its process is counted once, and may have been billed', async (store) => {
  const lost = lostAttempts(
    "SELECT 'item.3' AS call_id, CAST($1 AS BIGINT) AS at, 70 AS total_ms, 'claude-opus-5-5' AS model, 'c0ffee' AS credential, 400 AS bytes_sent",
    [atMs],
  );
  for (let times = 0; times < 2; times++) await store.write([lost]);
  const costs = await failureCosts(store, atMs, atMs + 1);
  assert.deepEqual(
    costs.map((row) => [row.class, row.attempts, row.billed, row.unknown, row.usd, row.unknownUsd]),
    [['lost', 1, 0, 1, 0, 0.0004]],
  );
  const { billing, failedAttempts } = await supportBundle(store, { sinceMs: atMs, untilMs: atMs + 1 }, versions);
  assert.deepEqual([billing.unknown, failedAttempts], [1, 0], 'it is no failure of the API');
  assert.equal((await showCall(store, 'item.3'))?.attempts[0]?.result, 'lost');
});

test('cached tokens have their own share of the price, and an unknown model has none', () => {
  const mtok = { input: 1e6, cacheWrite: 1e6, cacheRead: 1e6, output: 1e6 };
  assert.equal(costOf('claude-sonnet-5-5', mtok), 2 + 2.5 + 0.2 + 10);
  assert.equal(costOf('claude-sonnet-5-5-20261001', mtok), 14.7);
  assert.equal(costOf('claude-3-opus', mtok), null);
  assert.equal(costOf(null, mtok), null);
});

withStores('a support bundle has ids, times, types and counts, and nobody’s name', async (store) => {
  await record(store, [
    {
      call: { receivedAtMs: atMs, caller: 'team-secret' },
      attempts: [{ startedAtMs: atMs, credential: 'cred-secret' }],
    },
    {
      call: { receivedAtMs: atMs, result: 'failed', client: null },
      attempts: [
        {
          ...{ startedAtMs: atMs, failure: 'overload', status: 529, requestId: 'req_head', bodyRequestId: 'req_body' },
          error: { type: 'overloaded_error', code: null, action: 'retry', waitMs: null },
        },
        { startedAtMs: atMs + 3_600_000, failure: 'network', status: null, requestId: null, model: 'a|b' },
      ],
    },
  ]);
  const bundle = await supportBundle(store, { sinceMs: atMs, untilMs: atMs + 7_200_000 }, versions);
  assert.deepEqual(bundle.calls, { whole: 1, failed: 1 });
  assert.deepEqual(bundle.clients, { 'Anthropic/JS 1.12.0': 1, unknown: 1 });
  assert.equal(bundle.failedAttempts, 2);
  const text = supportMarkdown(bundle);
  assert.match(text, /^\| 2026-11-22T14:00Z \| claude-opus-5-5 \| overload \| 1 \|$/m);
  assert.match(
    text,
    /^\| 2026-11-22T14:10:00\.000Z \| req_head req_body \| claude-opus-5-5 \| 529 \| overloaded_error \| {2}\|$/m,
  );
  assert.match(text, /^\| 2026-11-22T15:10:00\.000Z \| none \| a\\\|b \| none \|/m);
  assert.doesNotMatch(text + JSON.stringify(bundle), /secret/);
});
