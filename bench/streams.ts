import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './connection.ts';
import { floodEvent, floodRequest, pacedRequest, stampOf, streamStart, streamStop } from './messages.ts';
import { median, type Throughput } from './statistics.ts';
import { paceMs, type Upstream } from './upstream.ts';

const floodStreams = 32;

/**
 * Throughput of streams: 32 at once, the upstream writes their events one by one as fast as they
 * are taken. Every stream is compared with what the upstream has sent.
 * @returns events
 */
export async function measureFlood(port: number, eventsPerStream: number): Promise<Throughput> {
  const expected = createHash('sha256')
    .update(streamStart + floodEvent.repeat(eventsPerStream) + streamStop)
    .digest('hex');
  const all = await Connection.openAll(port, floodStreams);
  const request = floodRequest(eventsPerStream);
  const startedMs = performance.now();
  await Promise.all(
    all.map(async (connection) => {
      const chunks: Buffer[] = [];
      await new Promise<void>((resolve) => {
        connection.handler = { body: (bytes) => chunks.push(bytes), end: resolve };
        connection.send(request);
      });
      const hash = createHash('sha256').update(Buffer.concat(chunks)).digest('hex');
      if (connection.status !== 200 || hash !== expected) throw new Error('A stream was changed on its way.');
    }),
  );
  const elapsedMs = performance.now() - startedMs;
  for (const connection of all) connection.close();
  const count = floodStreams * eventsPerStream;
  return { count, perSecond: (count / elapsedMs) * 1000 };
}

/** What paced streams have shown. */
export interface Paced {
  /** Milliseconds from the upstream's write to our reading, of each event. */
  readonly delaysMs: readonly number[];
  /** Growth of the proxy's memory while the streams ran, divided by their number; null: not known. */
  readonly bytesPerStream: number | null;
}

export interface PacedOptions {
  readonly port: number;
  readonly upstream: Upstream;
  readonly streams: number;
  readonly durationMs: number;
  /** Resident memory of the proxy under test. */
  readonly rssBytes: () => number | null;
}

/** Parallel streams of ten events a second each, as chats are: what they delay and what they weigh. */
export async function measurePaced(options: PacedOptions): Promise<Paced> {
  const { port, upstream, streams, durationMs, rssBytes } = options;
  const before = rssBytes();
  const delaysMs: number[] = [];
  const begun: Promise<void>[] = [];
  const ended: Promise<void>[] = [];
  const all: Connection[] = [];
  let counting = false;
  // In lots over two seconds: callers do not come all in the same millisecond.
  const lot = Math.ceil(streams / 20);
  for (let opened = 0; opened < streams; opened += lot) {
    const connections = await Connection.openAll(port, Math.min(lot, streams - opened));
    for (const connection of connections) {
      const stream = receive(connection, (delayMs) => counting && delaysMs.push(delayMs));
      begun.push(stream.begun);
      ended.push(stream.ended);
      connection.send(pacedRequest);
    }
    all.push(...connections);
    await sleep(paceMs);
  }
  await Promise.all(begun);
  counting = true;
  const weights: number[] = [];
  const stopAtMs = performance.now() + durationMs;
  while (performance.now() < stopAtMs) {
    await sleep(500);
    const now = rssBytes();
    if (now !== null && before !== null) weights.push((now - before) / streams);
  }
  counting = false;
  upstream.endPaced();
  await Promise.all(ended);
  for (const connection of all) connection.close();
  return { delaysMs, bytesPerStream: weights.length === 0 ? null : median(weights) };
}

/** Reads a stream: tells when its first bytes have come, the delay of each stamped event, and when it has ended. */
function receive(
  connection: Connection,
  onDelay: (delayMs: number) => void,
): { begun: Promise<void>; ended: Promise<void> } {
  let kept = '';
  let text = '';
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  connection.handler = {
    body(bytes) {
      begun.resolve();
      const nowMs = performance.now();
      const events = (kept + bytes.toString('latin1')).split('\n\n');
      kept = events.pop() ?? '';
      for (const event of events) {
        const stampUs = stampOf(event);
        if (stampUs !== null) onDelay(nowMs - stampUs / 1000);
        else text += `${event}\n\n`;
      }
    },
    end() {
      if (connection.status === 200 && text === streamStart + streamStop) ended.resolve();
      else ended.reject(new Error(`A paced stream was changed: status ${connection.status}, ${text}`));
    },
  };
  return { begun: begun.promise, ended: ended.promise };
}
