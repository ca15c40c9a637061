import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../../test/fixtures/failures.ts';
import type { Failure } from '../core/outcome.ts';
import { headerOf } from '../wire/headers.ts';
import { type FinalError, finalError, ownError, ownTimeout, type SurfaceReason } from './final-error.ts';

const json = Buffer.from('{"type":"error", "error":{"type":"overloaded_error","message":"Overloaded"}}');
const upstreamHeaders = [
  'content-type',
  'application/json',
  'content-length',
  '9',
  'request-id',
  'req_1',
  'x-should-retry',
  'true',
];

const final = (failed: Failure | null, reason: SurfaceReason = 'final', deadlineSeconds = 600, reopensInSeconds = 0) =>
  finalError(failed, reason, 'id1', deadlineSeconds * 1000, reopensInSeconds * 1000);
const read = (error: FinalError, name: string) => headerOf(error.headers, name);
const advice = (error: FinalError) => [read(error, 'x-should-retry'), read(error, 'retry-after')];

test('a JSON error goes out as it came, with our advice in the place of the upstream its own', () => {
  const error = final(failure({ headers: upstreamHeaders, body: json }));
  assert.deepEqual([error.status, error.body], [529, json]);
  assert.deepEqual([read(error, 'request-id'), read(error, 'content-length')], ['req_1', String(json.length)]);
  assert.equal(error.headers.filter((value) => value === 'x-should-retry').length, 1);
  assert.deepEqual(advice(error), ['false', null]);
});

test('an error that came as an event stream is answered as JSON', () => {
  const error = final(failure({ headers: ['content-type', 'text/event-stream; charset=utf-8'], body: json }));
  assert.equal(read(error, 'content-type'), 'application/json');
  assert.equal(error.headers.filter((value) => value === 'content-type').length, 1);
});

test('what was no JSON comes in the envelope, under its status and with the rest of its headers', () => {
  const headers = ['content-type', 'text/html', 'content-encoding', 'gzip', 'cf-ray', 'ray1'];
  const error = final(failure({ status: 502, type: 'api_error', message: 'Bad gateway', headers }));
  assert.deepEqual(
    [error.status, read(error, 'content-type'), read(error, 'cf-ray')],
    [502, 'application/json', 'ray1'],
  );
  assert.deepEqual([read(error, 'content-encoding'), read(error, 'ridethrough-origin')], [null, null]);
  assert.equal(JSON.parse(Buffer.from(error.body).toString()).error.message, 'Bad gateway');
});

test('where nothing was ever sent it is our own 529, under the id of the call', () => {
  for (const reason of ['patience', 'shed', 'drain', 'final'] as const) {
    const error = final(null, reason);
    assert.deepEqual([error.status, read(error, 'ridethrough-origin')], [529, 'gateway']);
    const body = JSON.parse(Buffer.from(error.body).toString());
    assert.deepEqual([body.error.type, body.request_id], ['overloaded_error', 'id1']);
  }
});

test('a caller may come back when its own haste, a full house or a drain is the reason', () => {
  const failed = failure({ headers: upstreamHeaders, body: json });
  assert.deepEqual(advice(final(failed, 'patience', 59, 7)), ['true', '7']);
  assert.deepEqual(advice(final(failed, 'patience', 60, 7)), ['false', null]);
  assert.deepEqual(advice(final(failed, 'shed', 600, 0.2)), ['true', '1']);
  assert.deepEqual(advice(final(null, 'drain')), ['true', '1']);
  assert.deepEqual(advice(final({ ...failed, permanent: true }, 'patience', 10)), ['false', null]);
});

test("the upstream's own wait stands; one that stood in the body becomes a header; one of hours invites nobody", () => {
  const told = failure({ headers: ['retry-after', '33'], body: json, waitMs: 33_000 });
  assert.deepEqual(advice(final(told, 'patience', 10)), ['true', '33']);
  assert.equal(final(told, 'patience', 10).headers.filter((value) => value === 'retry-after').length, 1);
  assert.deepEqual(advice(final(failure({ body: json, waitMs: 12_100 }), 'patience', 10)), ['true', '13']);
  assert.deepEqual(advice(final(failure({ body: json, waitMs: 3_600_000 }), 'patience', 10)), ['false', null]);
});

test('who was shed or drained is told our wait, not that of the upstream, and never one of hours', () => {
  for (const reason of ['shed', 'drain'] as const) {
    const headers = ['retry-after', '86400', 'retry-after-ms', '86400000'];
    const error = final(failure({ headers, body: json, waitMs: 86_400_000 }), reason, 600, 7);
    assert.deepEqual([...advice(error), read(error, 'retry-after-ms')], ['true', '7', null]);
    assert.deepEqual(advice(final(null, reason, 600, 86_400)), ['true', '60']);
  }
});

test('what was wrong before anything was asked is permanent, and names the call and what it asked in vain', () => {
  const problem = { status: 400, type: 'invalid_request_error', message: 'model: Field required' };
  const error = ownError(problem, { id: 'id2', warnings: ['unknown header ridethrough-x'] });
  assert.deepEqual([error.status, ...advice(error)], [400, 'false', null]);
  assert.equal(read(error, 'ridethrough-id'), 'id2');
  assert.equal(read(error, 'ridethrough-warning'), 'unknown header ridethrough-x');
});

test('where only the time of the caller was up, one in haste may come back, one that was patient need not', () => {
  const problem = { status: 504, type: 'timeout_error', message: 'Not yet.' };
  const told = (deadlineSeconds: number) => {
    const patience = { deadlineAtMs: 1000 + deadlineSeconds * 1000, holdMs: 0, pingMs: 0 };
    return advice(ownTimeout(problem, { id: 'id2', warnings: [], patience, receivedAtMs: 1000 }));
  };
  assert.deepEqual(
    [told(30), told(90)],
    [
      ['true', '1'],
      ['false', null],
    ],
  );
});
