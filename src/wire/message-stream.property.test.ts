import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  close,
  comment,
  end,
  event,
  failed,
  json,
  openServerTool,
  openText,
  openThinking,
  openTool,
  ping,
  result,
  start,
  stop,
  text,
  thinking,
} from '../../test/fixtures/stream-events.ts';
import { MessageStream } from './message-stream.ts';

/** Whole and broken messages of all kinds of blocks, in all line ends, with or without a byte order mark. */
const block = fc.constantFrom(
  (i: number) => openText(i) + text(i, 'größer 😀\n"') + text(i, '') + close(i),
  (i: number) => openText(i) + close(i),
  (i: number) => openThinking(i) + thinking(i, 'Hm') + close(i),
  (i: number) => openTool(i) + json(i, '{"a":') + json(i, '1}') + close(i),
  (i: number) => openTool(i) + json(i, '{"a') + close(i),
  (i: number) => openServerTool(i, 'a') + close(i),
  (i: number) => result(i, 'a'),
  (i: number) => ping + comment + openText(i) + text(i, 'x').replace('"}}', '"}    }') + close(i) + event('future'),
);
const ending = fc.constantFrom(
  '',
  failed,
  end('end_turn'),
  end('tool_use') + stop,
  end('max_tokens') + stop + ping,
  openText(99),
  'data: {',
);
const message = fc
  .tuple(fc.array(block, { maxLength: 6 }), ending, fc.constantFrom('\n', '\r\n', '\r'), fc.constantFrom('', '\ufeff'))
  .map(([blocks, last, lineEnd, mark]) => ({
    text: start + blocks.map((make, i) => make(i)).join('') + last,
    wire: (plain: string) => Buffer.from(mark + plain.replaceAll('\n', lineEnd)),
    mark,
  }));

const summary = (stream: MessageStream) => ({
  fault: stream.fault?.message ?? null,
  releasable: stream.releasable,
  progress: stream.progress,
  stopReason: stream.stopReason,
  stopped: stream.stopped,
  bytes: stream.bytes,
});

test('chunks, line ends and byte order mark change nothing', () => {
  fc.assert(
    fc.property(
      message,
      fc.array(fc.nat(60), { maxLength: 60 }),
      fc.boolean(),
      ({ text: plain, wire }, sizes, passes) => {
        const follow = (chunks: readonly Uint8Array[]) => {
          const stream = new MessageStream();
          for (const chunk of chunks) stream.feed(chunk);
          if (passes) stream.pass();
          return summary(stream);
        };
        const reference = follow([Buffer.from(plain)]);
        const bytes = wire(plain);
        const whole = follow([bytes]);
        const releasedText = Buffer.from(plain).subarray(0, reference.releasable).toString();
        const releasable = reference.releasable === 0 ? 0 : wire(releasedText).length;
        assert.deepEqual(whole, { ...reference, releasable, bytes: bytes.length });
        const cuts: Uint8Array[] = [];
        let at = 0;
        for (const size of [...sizes, bytes.length]) {
          cuts.push(bytes.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(follow(cuts), whole);
        assert.deepEqual(follow(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))), whole);
      },
    ),
    { numRuns: 300 },
  );
});

test('what is releasable only grows, and is always the end of an event', () => {
  fc.assert(
    fc.property(message, ({ text: plain }) => {
      const stream = new MessageStream();
      const ends = new Set([0]);
      let releasable = 0;
      for (const each of plain.split(/(?<=\n\n)/)) {
        stream.feed(Buffer.from(each));
        ends.add(stream.bytes);
        assert.ok(stream.releasable >= releasable && ends.has(stream.releasable));
        releasable = stream.releasable;
      }
    }),
  );
});
