import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventBytesMax } from '../../src/core/limits.ts';
import type { Random } from '../../src/core/random.ts';
import { ping } from '../../src/faults/api/events.ts';
import { expectedAnswer } from '../../src/faults/index.ts';
import type { Respond } from '../../src/testing/memory-transport.ts';
import { everywhere, oneOf, randomFor, replay } from './extent.ts';
import { answers, type Fixture, fixtures } from './fixtures.ts';
import { checkStream } from './protocol-checker.ts';
import { type Play, play } from './stage.ts';
import { assertWhole, messageIn, readingOf } from './verdict.ts';

const fuzzRuns = everywhere ? 20_000 : 600;
const script = { answers, continuation: 'repeat' } as const;
const named = (name: string) => fixtures.find((each) => each.name === name) as Fixture;
const plain = named('text only');

/** Sends the first answer as `spoil` makes it, and the others as they are. */
function spoiling(spoil: (text: string) => string | Buffer): Pick<Play, 'instead' | 'cutOf'> {
  return {
    cutOf: () => null,
    instead: (attempt, bytes, respond) => {
      if (attempt > 0) return false;
      respond.data(Buffer.from(spoil(bytes.toString())));
      respond.end();
      return true;
    },
  };
}

const midText = /(?<=stays on\. First )/;
const atEvent = /(?=event: content_block_delta\ndata: [^\n]*three)/;
const insert = (what: string, where: RegExp) => (text: string) => text.replace(where, () => what);
const event = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;

for (const [what, spoil] of [
  ['a byte that is no UTF-8', (text: string) => Buffer.from(text.replace(midText, '\u00e9'), 'latin1')],
  ['half a character', (text: string) => Buffer.from(text.replace(midText, '\u00f0\u009f'), 'latin1')],
  ['an event whose JSON is broken', insert('event: content_block_delta\ndata: {"type":"content_bl\n\n', atEvent)],
  ['a control character in the JSON', insert('\u0001', midText)],
  ['a line end in the JSON', insert('\n', midText)],
  [
    'a block whose index jumps',
    insert(event('content_block_start', { index: 4, content_block: { type: 'text', text: '' } }), atEvent),
  ],
  [
    'a delta of another block',
    insert(event('content_block_delta', { index: 7, delta: { type: 'text_delta', text: 'x' } }), atEvent),
  ],
  ['a stop of another block', insert(event('content_block_stop', { index: 7 }), atEvent)],
  ['a second message_start', insert(event('message_start', { message: { id: 'msg_2', content: [] } }), atEvent)],
  ['an end in the middle of a block', insert(event('message_stop', {}), atEvent)],
  [
    'a name and a type that differ',
    insert('event: content_block_delta\ndata: {"type":"message_stop","index":0,"delta":{}}\n\n', atEvent),
  ],
  ['an error without JSON', insert('event: error\ndata: upstream connect error\n\n', atEvent)],
] as const) {
  test(`${what} in the middle of a stream: it is continued, and whole`, async () => {
    const seen = await play({ request: plain.request, script, ...spoiling(spoil) });
    assertWhole(messageIn(seen), expectedAnswer(plain.request, script));
    assert.equal(seen.requests.length, 2);
  });
}

test('what breaks every stream is told to the caller, in a typed error that names it', async () => {
  const spoil = insert('event: content_block_delta\ndata: {"type":"content_bl\n\n', atEvent);
  const instead: Play['instead'] = (_attempt, bytes, respond) => {
    const text = bytes
      .toString()
      .replace(/(?<=\n\n)(?=event: content_block_stop)/, () => 'event: content_block_delta\ndata: {\n\n');
    respond.data(Buffer.from(spoil(text)));
    respond.end();
    return true;
  };
  const seen = await play({ request: plain.request, script, cutOf: () => null, instead });
  const reading = readingOf(seen);
  assert.ok(reading.end === 'error');
  assert.match(String(reading.error.message), /content_block_delta .*JSON/);
  assert.equal(seen.requests.length, 1 + 4);
});

/** Sends chunk after chunk until the other side has had enough. @returns bytes sent */
function flood(respond: Respond, chunk: Buffer, bytesMax: number): number {
  let left = false;
  let sent = 0;
  respond.onAbort(() => {
    left = true;
  });
  while (!left && sent < bytesMax) {
    respond.data(chunk);
    sent += chunk.length;
  }
  return sent;
}

test('gigabytes without a line end: not read beyond what an event may have, and continued', async () => {
  let sent = 0;
  const chunk = Buffer.alloc(2 ** 20, 'x');
  const instead: Play['instead'] = (attempt, bytes, respond) => {
    if (attempt > 0) return false;
    const text = bytes.toString();
    respond.data(Buffer.from(text.slice(0, text.search(midText))));
    sent = flood(respond, chunk, 4 * 2 ** 30);
    return true;
  };
  const before = process.memoryUsage().arrayBuffers;
  const seen = await play({ request: plain.request, script, cutOf: () => null, instead });
  assertWhole(messageIn(seen), expectedAnswer(plain.request, script));
  assert.ok(sent <= eventBytesMax + 2 * chunk.length, `${sent} bytes were read`);
  const grownBytes = process.memoryUsage().arrayBuffers - before;
  assert.ok(grownBytes < 4 * eventBytesMax, `${grownBytes} bytes more are kept`);
});

test('ten thousand pings do not harm a stream, at its head and in its middle', async () => {
  for (const where of [/^/, atEvent, /$/]) {
    const seen = await play({ request: plain.request, script, ...spoiling(insert(ping.repeat(10_000), where)) });
    assertWhole(messageIn(seen), expectedAnswer(plain.request, script));
    assert.equal(seen.requests.length, 1);
  }
});

test('ten thousand pings and nothing else for ever are no progress: the stream is continued', async () => {
  const instead: Play['instead'] = (attempt, bytes, respond) => {
    if (attempt > 0) return false;
    const text = bytes.toString();
    respond.data(Buffer.from(text.slice(0, text.search(atEvent)) + ping.repeat(10_000)));
    return true;
  };
  const seen = await play({ request: plain.request, script, cutOf: () => null, instead });
  assertWhole(messageIn(seen), expectedAnswer(plain.request, script));
  assert.equal(seen.requests.length, 2);
});

/** Changes a stream in one of the ways in which nothing should. */
function mutate(bytes: Buffer, random: Random): Buffer {
  const at = Math.floor(random.next() * bytes.length);
  const size = 1 + Math.floor(random.next() ** 4 * 300);
  const other = Math.floor(random.next() * bytes.length);
  const noise = Buffer.from(Array.from({ length: 1 + (size % 5) }, () => Math.floor(random.next() * 256)));
  const pieces = oneOf(
    [
      [bytes.subarray(0, at), noise, bytes.subarray(at + noise.length)],
      [bytes.subarray(0, at), noise, bytes.subarray(at)],
      [bytes.subarray(0, at), bytes.subarray(at + size)],
      [bytes.subarray(0, at), bytes.subarray(other, other + size), bytes.subarray(at)],
      [
        bytes.subarray(0, at),
        Buffer.from(oneOf(['\n', '\r', '\n\n', '"', '\\', '}', '{', ':', 'data: '], random)),
        bytes.subarray(at),
      ],
      shuffled(bytes, random),
    ],
    random,
  );
  return Buffer.concat(pieces);
}

/** One event left out, doubled, or moved to another place. */
function shuffled(bytes: Buffer, random: Random): Buffer[] {
  const events = bytes.toString().split(/(?<=\n\n)/);
  const [taken = ''] = events.splice(Math.floor(random.next() * events.length), 1);
  const copies = Math.floor(random.next() * 3);
  events.splice(Math.floor(random.next() * events.length), 0, ...Array<string>(copies).fill(taken));
  return events.map((each) => Buffer.from(each));
}

test(`${fuzzRuns} streams changed by chance: each ends valid, or in a typed error`, async () => {
  for (let run = 0; run < fuzzRuns; run++) {
    const random = randomFor(`fuzz ${run}`);
    const fixture = oneOf(
      fixtures.filter(({ name }) => name !== 'very long'),
      random,
    );
    let spoilt = 0;
    const instead: Play['instead'] = (attempt, bytes, respond) => {
      if (attempt > 0 && random.next() < 0.7) return false;
      spoilt++;
      respond.data(mutate(bytes, random));
      respond.end();
      return true;
    };
    try {
      const seen = await play({ request: fixture.request, script, cutOf: () => null, instead });
      assert.equal(seen.left, 0);
      // Before anything was said, a failure is a status.
      if (seen.status === 200) checkStream(seen.body, spoilt);
      else assert.match(Buffer.from(seen.body).toString(), /"type":"error"/);
    } catch (error) {
      throw new Error(`run ${run}, [${fixture.name}] (${replay})`, { cause: error });
    }
  }
});
