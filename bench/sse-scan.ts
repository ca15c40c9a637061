import { MessageStream } from '../src/wire/message-stream.ts';

/**
 * How fast a Messages stream is followed: text deltas of the API's size, in chunks of 64 KiB as a
 * fast upstream fills them, and one event a chunk, as a paced one sends them.
 *
 *     node bench/sse-scan.ts
 */
const rounds = 5;
const eventsPerRound = 1_000_000;
const chunkBytes = 64 * 1024;

const head = Buffer.from(
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","content":[]}}\n\n' +
    'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
);
const texts = [' the', ' of', 'ing', ' gateway', '\\n', ' \\"so\\"', ' größer', ', and'];
const deltas = texts.map((text) =>
  Buffer.from(
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${text}"}}\n\n`,
  ),
);

/** Chunks of `bytes`, repeated end to end, cut every `size` bytes. */
function cut(parts: readonly Buffer[], count: number, size: number): Buffer[] {
  const whole = Buffer.concat(Array.from({ length: count }, (_, i) => parts[i % parts.length] as Buffer));
  const chunks: Buffer[] = [];
  for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
  return chunks;
}

function measure(name: string, chunks: readonly Buffer[]): void {
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  let best = Number.POSITIVE_INFINITY;
  let events = 0;
  for (let round = 0; round < rounds; round++) {
    const stream = new MessageStream();
    stream.feed(head);
    const startedAt = process.hrtime.bigint();
    for (const chunk of chunks) stream.feed(chunk);
    best = Math.min(best, Number(process.hrtime.bigint() - startedAt) / 1e9);
    events = stream.progress - 2;
    if (stream.releasable !== stream.bytes) throw new Error(`${name}: not everything was released.`);
  }
  const perSecond = (events / best / 1e6).toFixed(2);
  console.log(`${name}: ${perSecond} million events/s, ${(bytes / best / 2 ** 20).toFixed(0)} MiB/s`);
}

measure('64 KiB chunks', cut(deltas, eventsPerRound, chunkBytes));
measure(
  'one event a chunk',
  Array.from({ length: eventsPerRound }, (_, i) => deltas[i % deltas.length] as Buffer),
);
