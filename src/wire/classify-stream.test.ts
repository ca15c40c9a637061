import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BrokenAnswer, classifyStream } from './classify-stream.ts';

test('every way of breaking is retried, under a code of its own', () => {
  const rows: [kind: BrokenAnswer, failureClass: string, code: string, status: number][] = [
    ['truncated', 'truncated', 'stream_truncated', 502],
    ['stalled', 'stalled', 'stream_stalled', 504],
    ['protocol', 'protocol', 'protocol_error', 502],
    ['empty', 'protocol', 'empty_answer', 502],
    ['not-claude', 'protocol', 'not_claude', 502],
  ];
  for (const [kind, failureClass, code, status] of rows) {
    const failure = classifyStream(kind, ['request-id', 'req_1']);
    assert.deepEqual(
      [failure.class, failure.code, failure.status, failure.action],
      [failureClass, code, status, 'retry'],
    );
    assert.equal(failure.requestId, 'req_1');
    assert.match(failure.message, /^[A-Z].*\.$/);
  }
});

test('the detail stands in the sentence', () => {
  assert.equal(
    classifyStream('stalled', [], 'no byte for 75 s').message,
    'The upstream stopped in the middle of its answer (no byte for 75 s).',
  );
});
