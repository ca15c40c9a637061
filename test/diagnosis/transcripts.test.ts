import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { explanationLines, verdictLines } from '../../src/cli/diagnosis/view.ts';
import { explain } from '../../src/diagnosis/explanation.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import { promptOf } from '../../src/diagnosis/prompt.ts';
import { HealthModel } from '../../src/health/model.ts';
import type { AttemptRecord, CallRecord, CallStory } from '../../src/ledger/record.ts';
import { type Ended, endedAttempt } from '../fixtures/events.ts';

const page = readFileSync(new URL('../../docs/diagnosis.md', import.meta.url), 'utf8');
const atMs = Date.parse('2026-11-22T14:00:00Z');
const plain = (_format: string, text: string) => text;

/** Times of day depend on where one is. */
const normal = (text: string) => text.replaceAll(/\d\d:\d\d:\d\d/g, 'hh:mm:ss').trimEnd();

function assertShown(lines: readonly string[]): void {
  const shown = normal(lines.join('\n'));
  for (const line of lines) assert.ok(line.length < 80, line);
  assert.ok(normal(page).includes(shown), `docs/diagnosis.md should show:\n${shown}`);
}

/** A minute of traffic: an attempt each half second, in turn of these. */
function judged(kinds: readonly Partial<Ended>[]) {
  const health = new HealthModel();
  for (let n = 0; n < 120; n++) {
    const kind = kinds[n % kinds.length] ?? {};
    health.attempt(endedAttempt({ atMs: atMs + n * 500, callId: `call ${n}`, caller: `caller ${n % 5}`, ...kind }));
  }
  const nowMs = atMs + 60_000;
  return verdictLines(judge({ health: health.snapshot(nowMs), page: null, canaries: [] }), nowMs, plain);
}

test('the page shows what diagnose says of one model that is down', () => {
  assertShown(judged([{}, { model: 'claude-opus-5-5', failure: 'overload' }, {}]));
});

test('the page shows what diagnose says of a bad key', () => {
  const error = { type: 'authentication_error', code: null, action: 'surface', waitMs: null } as const;
  assertShown(judged([{ failure: 'auth', status: 401, requestId: 'req_011', error }]));
});

test('the page shows what diagnose says where the name of the API cannot be looked up', () => {
  const error = { type: 'api_error', code: 'ENOTFOUND', action: 'retry', waitMs: null } as const;
  assertShown(judged([{ failure: 'network', status: null, error }]));
});

const call: CallRecord = {
  ...{ id: '4f7k2m9x0q1w3e5r6t8y', at: '2026-11-22T14:00:00.000Z', total_ms: 4_210, endpoint: 'messages' },
  ...{ model: 'claude-opus-5-5', stream: true, priority: 'default', caller: '', client: null, client_retries: null },
  ...{ result: 'whole', status: 200, request_id: 'req_013', error_class: null, error_type: null, error_code: null },
  ...{ queued: false, attempts: 3, recovered: ['retry', 'resume'], route: 'anthropic/claude-opus-5-5' },
};
const attempt: AttemptRecord = {
  ...{ call_id: call.id, n: 1, at: call.at, reason: 'first', upstream: 'anthropic', model: 'claude-opus-5-5' },
  ...{ credential: 'k', first_byte_ms: 104, total_ms: 110, status: 529, request_id: 'req_011', body_request_id: null },
  ...{ result: 'failed', class: 'overload', type: 'overloaded_error', code: null, action: 'retry', wait_ms: null },
  ...{ released: false, bytes_sent: 300, bytes_received: 120, input_tokens: null, cache_write_tokens: null },
  ...{ cache_read_tokens: null, output_tokens: null, estimated: false },
};
const story: CallStory = {
  call,
  attempts: [
    attempt,
    {
      ...{ ...attempt, n: 2, at: '2026-11-22T14:00:00.900Z', reason: 'retry', status: 200, total_ms: 1_900 },
      ...{ request_id: 'req_012', class: 'network', type: 'api_error', code: 'ECONNRESET', released: true },
    },
    {
      ...{ ...attempt, n: 3, at: '2026-11-22T14:00:02.800Z', reason: 'resume', status: 200, total_ms: 1_400 },
      ...{ request_id: 'req_013', result: 'whole', class: null, type: null, first_byte_ms: 320 },
    },
  ],
};

test('the page shows what explain tells of a call that was healed', () => {
  assertShown(explanationLines(explain(story), plain));
});

test('a call that another route answered, because its own was shut, is not told as one where nothing was amiss', () => {
  const answered: AttemptRecord = {
    ...{ ...attempt, reason: 'fallback', model: 'claude-sonnet-5-5', status: 200 },
    ...{ result: 'whole', class: null, type: null, action: null },
  };
  const route = 'anthropic/claude-sonnet-5-5';
  const told = explain({ call: { ...call, attempts: 1, recovered: ['fallback'], route }, attempts: [answered] });
  assert.equal(told.summary, 'The first route was shut; another one of the configuration gave a whole answer at once.');
  assert.equal(explain({ call: { ...call, recovered: [] }, attempts: [] }).summary, 'The call went well at once.');
});

test('a prompt to paste has the facts, and nothing of what was asked', () => {
  const prompt = promptOf(explain(story));
  for (const fact of ['req_011', 'req_012', 'overloaded', '4f7k2m9x0q1w3e5r6t8y'])
    assert.ok(prompt.includes(fact), fact);
  assert.ok(!prompt.includes('The body of the request'));
  assert.match(promptOf(explain(story), '{"model":"m"}'), /```json\n\{"model":"m"\}/);
});

test('a call that was turned away before any attempt is not said to have gone well', () => {
  const turnedAway = { ...call, result: 'failed', status: 529, attempts: 0, error_type: 'overloaded_error' } as const;
  const { summary, advice } = explain({ call: { ...turnedAway, error_class: null }, attempts: [] });
  assert.match(summary, /turned away before anything was asked/);
  assert.match(advice, /Send it again/);
  const held = explain({ call: { ...turnedAway, status: 429, error_class: 'rate-limit' }, attempts: [] });
  assert.doesNotMatch(held.advice, /Nothing has to be done|Every route was shut/);
});
