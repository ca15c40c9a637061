import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { MessageStream } from '../src/wire/message-stream.ts';

const folder = new URL('../src/faults/corpus/', import.meta.url);

/** What following a stream of the corpus must come to. */
interface Expected {
  /** Events that may be released, of those the case has. */
  released: number;
  /** Kind of the fault; null for none. */
  fault: string | null;
  /** Last stop_reason, and whether message_stop came. */
  end: [stopReason: string | null, stopped: boolean];
}

const broken = (released: number, fault: string | null = null): Expected => ({ released, fault, end: [null, false] });
const whole = (released: number, stopReason: string): Expected => ({ released, fault: null, end: [stopReason, true] });

const expectations: Record<string, Expected> = {
  '200-api-error-after-message-start': broken(0, 'error-event'),
  '200-error-after-message-start': broken(0, 'error-event'),
  '200-error-first-event-no-request-id': broken(0, 'error-event'),
  '200-gateway-error-event-hides-400': broken(0, 'error-event'),
  '200-pings-only-no-progress': broken(0),
  '200-rate-limit-first-event': broken(0, 'error-event'),
  '200-vertex-overloaded-event': broken(0, 'error-event'),
  'bad-json-data-line': broken(3, 'protocol'),
  'control-200-unified-rejected': whole(6, 'end_turn'),
  'control-crlf-comments-unknown-event': whole(8, 'end_turn'),
  'control-healthy-text': whole(8, 'end_turn'),
  'control-long-thinking-with-pings': whole(16, 'end_turn'),
  'control-max-tokens-in-tool': whole(6, 'max_tokens'),
  'control-refusal': whole(6, 'refusal'),
  'duplicate-delta': whole(8, 'end_turn'),
  'empty-data-event': whole(8, 'end_turn'),
  'first-chunk-reset-every-time': broken(0),
  'mid-text-api-error': broken(3, 'error-event'),
  'mid-text-cut-inside-event': broken(3),
  'mid-text-h2-internal-error': broken(3),
  'mid-text-incomplete-chunked': broken(3),
  'mid-text-reset-terminated': broken(3),
  'mid-text-silent-death': broken(4),
  'mid-thinking-overloaded': broken(0, 'error-event'),
  'mid-thinking-reset': broken(0),
  'mid-tool-eof': broken(4),
  'mid-tool-name-only': broken(0),
  'missing-message-stop-only': { released: 5, fault: null, end: ['end_turn', false] },
  'text-block-done-then-eof': broken(4),
  'thinking-signed-then-eof': broken(0),
  'tool-complete-then-eof': broken(4),
  'tool-json-control-char': { released: 0, fault: 'tool-json', end: ['tool_use', false] },
};

const streams = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { id: string; sse: string[] | null })
  .filter((shape) => shape.sse !== null);

test('every stream of the corpus has its expectation', () => {
  assert.deepEqual(streams.map((shape) => shape.id).sort(), Object.keys(expectations).sort());
});

for (const { id, sse } of streams) {
  test(`the corpus stream ${id} is released as far as it can be trusted`, () => {
    const events = (sse ?? []).map((event) => Buffer.from(event));
    const bytes = Buffer.concat(events);
    for (const chunkBytes of [bytes.length, 7, 1]) {
      const stream = new MessageStream();
      for (let at = 0; at < bytes.length; at += chunkBytes) stream.feed(bytes.subarray(at, at + chunkBytes));
      const expected = expectations[id];
      const releasable = events.slice(0, expected?.released).reduce((sum, event) => sum + event.length, 0);
      assert.deepEqual(
        [stream.releasable, stream.fault?.kind ?? null, [stream.stopReason, stream.stopped]],
        [releasable, expected?.fault, expected?.end],
      );
    }
  });
}
