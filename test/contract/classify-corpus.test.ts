import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawHeaders } from '../../src/core/call.ts';
import type { Failure, FailureClass } from '../../src/core/outcome.ts';
import { type CorpusCase, corpus } from '../../src/faults/corpus.ts';
import { classifyErrorEvent, classifyResponse } from '../../src/wire/classify.ts';
import { classifyTransport } from '../../src/wire/classify-transport.ts';

const nowMs = Date.parse('2026-07-01T00:00:00Z');
const bodyBytesMax = 32 * 2 ** 20;

/** What a class has to be for each class of the corpus that names one kind of failure. */
const classes: Readonly<Record<string, readonly FailureClass[]>> = {
  overload: ['overload'],
  'transient-server': ['server', 'timeout', 'conflict'],
  'rate-limit': ['rate-limit'],
  'spend-limit': ['spend-limit'],
  'client-bug': ['request', 'tls'],
  'model-capacity': ['model', 'overload'],
  auth: ['permission'],
  network: ['network'],
  'protocol-corruption': ['protocol', 'overload'],
  outage: ['auth', 'server', 'overload'],
};

/** Fallback after a count of failures (R4), which is the engine's to keep: one of them permits a retry. */
const byCount: ReadonlySet<string> = new Set(['500-one-account-for-hours', '529-one-model-only']);
/** The engine, which knows when the key last worked, tries a 401 twice more; as such it is final. */
const engineRetries: ReadonlySet<string> = new Set(['401-during-auth-outage']);

/** The failure of a case that can be told from a head, a body, an error event or a socket's error. */
function failureOf(recorded: CorpusCase): Failure | null {
  const headers: RawHeaders = Object.entries(recorded.http.headers).flat();
  const event = recorded.sse?.find((text) => text.startsWith('event: error'));
  if (event !== undefined) return classifyErrorEvent(Buffer.from(event.slice(event.indexOf('{'))), headers, nowMs);
  const { status } = recorded.http;
  if (status !== null && recorded.body !== null && recorded.then === 'end') {
    const body = Buffer.from(recorded.body);
    return classifyResponse({ status, headers, body, endpoint: 'messages', nowMs });
  }
  if (!recorded.net?.code) return null;
  const { code, message, requestBodyBytes = 100 } = recorded.net;
  return classifyTransport(
    { code, message },
    { bodyBytes: requestBodyBytes, bodyBytesMax, headers: status === null ? null : headers },
  );
}

function actionOf({ id, expect }: CorpusCase): Failure['action'] {
  if (engineRetries.has(id) || expect.action === 'surface') return 'surface';
  return expect.action === 'fallback' && !byCount.has(id) ? 'next-route' : 'retry';
}

const told = corpus().flatMap((recorded) => {
  const failure = failureOf(recorded);
  return failure === null ? [] : [{ recorded, failure }];
});

test('the corpus has all that it is meant to have', () => {
  assert.ok(told.length >= 50, `${told.length} cases can be told from head, body, event or socket`);
});

for (const { recorded, failure } of told) {
  test(`${recorded.id}: ${recorded.expect.action}, ${recorded.expect.type}`, () => {
    assert.equal(failure.action, actionOf(recorded));
    assert.ok(classes[recorded.class]?.includes(failure.class), `class ${failure.class} for ${recorded.class}`);

    // `network_error` and `protocol_error` are no types of the API; what is surfaced has to have one.
    if (recorded.expect.type === 'network_error') assert.match(failure.type, /^(?:api|timeout)_error$/);
    else if (recorded.expect.type === 'protocol_error') assert.equal(failure.class, 'protocol');
    else assert.equal(failure.type, recorded.expect.type);

    const status = recorded.http.status ?? 0;
    if (status >= 300) assert.equal(failure.status, status);
    else assert.ok(failure.status >= 400, `a failure inside a 200 is surfaced as ${failure.status}`);
    if (actionOf(recorded) === 'surface') assert.equal(failure.permanent, true);

    assert.equal(failure.requestId, recorded.http.headers['request-id'] ?? requestIdInBody(recorded));
    assert.doesNotMatch(failure.message, /<\w|\n|sk-ant-\w/);
    const isJson = recorded.body?.startsWith('{') === true;
    if (status >= 300)
      assert.equal(failure.body === null ? null : Buffer.from(failure.body).toString(), isJson ? recorded.body : null);
  });
}

function requestIdInBody(recorded: CorpusCase): string | null {
  return /\\?"request_id\\?":\\?"(req_\w+)/.exec(recorded.body ?? '')?.[1] ?? null;
}

const waits: readonly [id: string, waitMs: number, cooldown: boolean][] = [
  ['429-ramp-limit', 20_000, true],
  ['429-retry-after-one-hour', 3_600_000, true],
  ['429-subscription-window-rejected', 13_980_000, true],
  ['429-overage-only-one-model', 121_320_000, true],
  ['522-cloudflare-json-retry-after-in-body', 120_000, false],
];
for (const [id, waitMs, cooldown] of waits) {
  test(`${id}: a wait of ${waitMs} ms is obeyed`, () => {
    const failure = told.find(({ recorded }) => recorded.id === id)?.failure;
    assert.equal(failure?.waitMs, waitMs);
    assert.equal(failure?.cooldown, cooldown);
  });
}

test('a status inside a 200 is the one that R2 gives its type', () => {
  const statusOf = (id: string) => told.find(({ recorded }) => recorded.id === id)?.failure.status;
  assert.equal(statusOf('200-error-after-message-start'), 529);
  assert.equal(statusOf('200-api-error-after-message-start'), 500);
  assert.equal(statusOf('200-rate-limit-first-event'), 429);
  assert.equal(statusOf('200-gateway-error-event-hides-400'), 400);
  assert.equal(statusOf('200-json-error-body'), 529);
  assert.equal(statusOf('200-html-page'), 502);
  assert.equal(statusOf('413-reset-while-uploading'), 413);
});
