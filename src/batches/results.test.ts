import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ItemResult } from '../queue/queue.ts';
import { CollectReply } from '../testing/index.ts';
import { ResultsStream } from './results.ts';

/** Results of 1 kB each; after `failsAfter` the database is gone. */
async function* results(count: number, failsAfter = Number.POSITIVE_INFINITY): AsyncGenerator<ItemResult> {
  for (let index = 0; index < count; index++) {
    if (index === failsAfter) throw new Error('gone');
    yield { customId: `id-${index}`, result: JSON.stringify({ type: 'succeeded', message: 'x'.repeat(1_000) }) };
  }
}

function open() {
  const reply = new CollectReply();
  reply.head(200, []);
  return { reply, stream: new ResultsStream(reply) };
}

test('results are lines of JSON, whole and in order', async () => {
  const { reply, stream } = open();
  await stream.send(results(200));
  const lines = reply.text().trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).custom_id),
    Array.from({ length: 200 }, (_, index) => `id-${index}`),
  );
  assert.equal(reply.state, 'ended');
});

test('a slow reader is waited for', async () => {
  const { reply, stream } = open();
  reply.accepts = false;
  const sent = stream.send(results(500));
  await new Promise(setImmediate);
  assert.equal(reply.chunks.length, 1);
  reply.accepts = true;
  stream.resume();
  await sent;
  assert.equal(reply.state, 'ended');
});

test('results that cannot be read to their end break the connection, and never look whole', async () => {
  const { reply, stream } = open();
  await stream.send(results(200, 150));
  assert.equal(reply.state, 'destroyed');
});

test('a caller that has left is sent nothing more', async () => {
  const { reply, stream } = open();
  reply.accepts = false;
  const sent = stream.send(results(500));
  await new Promise(setImmediate);
  stream.abort();
  await sent;
  assert.deepEqual([reply.chunks.length, reply.state], [1, 'open']);
});
