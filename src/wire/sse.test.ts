import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventBytesMax } from '../core/limits.ts';
import { readEvent, SseScanner } from './sse.ts';

interface Scan {
  /** Name and data of each event that has data. */
  events: [name: string, data: string][];
  /** The stream's bytes as handed out, and where the last event ended. */
  bytes: string;
  offset: number;
}

function scan(chunks: readonly Uint8Array[]): Scan {
  const scanner = new SseScanner();
  const result: Scan = { events: [], bytes: '', offset: 0 };
  for (const chunk of chunks) {
    scanner.push(chunk);
    while (scanner.next()) {
      const { name, data } = readEvent(scanner.bytes, scanner.start, scanner.end);
      if (data.length > 0) result.events.push([name, data.toString()]);
      result.bytes += scanner.bytes.toString('latin1', scanner.start, scanner.end);
      assert.ok(scanner.offset > result.offset, 'every event moves the offset');
      result.offset = scanner.offset;
    }
  }
  return result;
}

const scanText = (text: string) => scan([Buffer.from(text)]).events;
const bytewise = (bytes: Uint8Array) => Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)];
}

/** Streams of lines that matter to the standard, in all line ends, with characters of up to four bytes. */
const line = fc.constantFrom(
  'event: a',
  'event:b',
  'data: größe',
  'data:😀',
  'data',
  'data:',
  ': ping',
  'id: 1',
  'x',
  '',
);
const stream = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 30 })
  .map((lines) => Buffer.from(lines.flat().join('')));
const sizes = fc.array(fc.nat(12), { maxLength: 40 });

test('events are the same whatever the chunks', () => {
  fc.assert(
    fc.property(stream, sizes, (bytes, at) => {
      const whole = scan([bytes]);
      assert.deepEqual(scan(cut(bytes, at)), whole);
      assert.deepEqual(scan(bytewise(bytes)), whole);
    }),
  );
});

test('events are handed out end to end, so that every offset is a place to cut', () => {
  fc.assert(
    fc.property(stream, sizes, (bytes, at) => {
      const { bytes: out, offset } = scan(cut(bytes, at));
      assert.equal(out, bytes.toString('latin1', 0, offset));
    }),
  );
});

test('LF, CRLF and CR mean the same', () => {
  const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.map((each) => `${each}\n`).join(''));
  fc.assert(
    fc.property(text, sizes, (lines, at) => {
      const expected = scanText(lines);
      for (const end of ['\r\n', '\r']) {
        assert.deepEqual(scan(cut(Buffer.from(lines.replaceAll('\n', end)), at)).events, expected);
      }
    }),
  );
});

test('fields are read as the standard says', () => {
  const cases: [text: string, events: [string, string][]][] = [
    ['data: YHOO\ndata: +2\ndata: 10\n\n', [['', 'YHOO\n+2\n10']]],
    [
      ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
      [
        ['', 'first event'],
        ['', 'second event'],
        ['', ' third event'],
      ],
    ],
    ['data\n\ndata\ndata\n\ndata:', [['', '\n']]],
    [
      'data:test\n\ndata: test\n\n',
      [
        ['', 'test'],
        ['', 'test'],
      ],
    ],
    ['event: a\nevent: b\ndata: x\n\n', [['b', 'x']]],
    ['event: a\n\ndata: x\n\n', [['', 'x']]],
    ['datax: 1\neventually: 2\n data: 3\nDATA: 4\ndata: 5\n\n', [['', '5']]],
    [
      'data: a:b\n\n\n\n\ndata: c\n\n',
      [
        ['', 'a:b'],
        ['', 'c'],
      ],
    ],
    ['data: never ended\n', []],
  ];
  for (const [text, events] of cases) assert.deepEqual(scanText(text), events, JSON.stringify(text));
});

test('one byte order mark is skipped, at the very start only', () => {
  for (const split of [cut, bytewise]) {
    const bytes = Buffer.from('\ufeffdata: a\n\n\ufeffdata: b\n\ndata: \ufeffc\n\n');
    assert.deepEqual(scan(split(bytes, [1, 1])).events, [
      ['', 'a'],
      ['', '\ufeffc'],
    ]);
    assert.equal(scan(split(bytes, [1, 1])).offset, bytes.length);
  }
});

test('an event that ends with CR is not kept waiting for an LF', () => {
  assert.deepEqual(scan([Buffer.from('data: a\r\r')]).events, [['', 'a']]);
  assert.deepEqual(scan([Buffer.from('data: a\r\n\r')]).events, [['', 'a']]);
  const parts = ['data: a\r', '\ndata: b\r\n\r', '\n', 'data: c\r\n\r\n'].map((part) => Buffer.from(part));
  assert.deepEqual(scan(parts).events, [
    ['', 'a\nb'],
    ['', 'c'],
  ]);
  assert.equal(scan(parts).offset, Buffer.concat(parts).length);
});

test('an event within one chunk is a view on it', () => {
  const chunk = Buffer.from('data: a\n\ndata: b\n\n');
  const scanner = new SseScanner();
  scanner.push(chunk);
  assert.ok(scanner.next());
  assert.equal(scanner.bytes, chunk);
  assert.ok(scanner.next());
  assert.deepEqual([scanner.start, scanner.end, scanner.offset], [9, 18, 18]);
  assert.ok(!scanner.next());
  assert.notEqual(scanner.bytes, chunk, 'the chunk can be freed');
});

test('an event fed byte by byte is copied in linear time', () => {
  // Copying the unfinished event for each byte would move two terabytes here.
  const event = Buffer.from(`data: ${'x'.repeat(2_000_000)}\n\n`);
  const scanner = new SseScanner();
  let events = 0;
  for (const chunk of bytewise(event)) {
    scanner.push(chunk);
    while (scanner.next()) {
      events++;
      assert.ok(scanner.bytes.subarray(scanner.start, scanner.end).equals(event));
      assert.ok(scanner.bytes.length <= 2 * event.length, 'the buffer is at most doubled');
    }
  }
  assert.equal(events, 1);
});

test('an event over the bound is reported, in one chunk or many, and nothing follows it', () => {
  const block = Buffer.alloc(2 ** 20, 'x');
  const blocks = Array.from({ length: eventBytesMax / block.length }, () => block);
  const head = Buffer.from('data: a\n\ndata: ');
  const tail = Buffer.from('\n\ndata: b\n\n');
  const chunks = [head, ...blocks, tail];
  for (const feed of [chunks, [Buffer.concat(chunks)]]) {
    const scanner = new SseScanner();
    let events = 0;
    for (const chunk of feed) {
      scanner.push(chunk);
      while (scanner.next()) events++;
    }
    assert.deepEqual([events, scanner.overflow, scanner.offset], [1, true, 9]);
  }
});

test('an event of 32 MB in lines of one character takes no more memory than itself, nor time beyond its bytes', () => {
  const lines = 4_000_000;
  const event = Buffer.alloc(lines * 8, 'data: x\n');
  const before = process.memoryUsage();
  const { data } = readEvent(event, 0, event.length);
  const after = process.memoryUsage();
  assert.deepEqual([data.length, data.subarray(0, 5).toString()], [2 * lines - 1, 'x\nx\nx']);
  const grownBytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  assert.ok(grownBytes < event.length, `${grownBytes} bytes`);
});
