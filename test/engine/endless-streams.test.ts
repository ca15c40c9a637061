import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streamBytesMax } from '../../src/core/limits.ts';
import { CollectReply } from '../../src/testing/index.ts';
import * as events from '../fixtures/stream-events.ts';
import { memoryStage } from './memory-stage.ts';

/** Reads as fast as it is written to, and keeps the end only. */
class FastReader extends CollectReply {
  override write(chunk: Uint8Array): boolean {
    this.chunks.length = 0;
    return super.write(chunk);
  }
}

test('a stream without end is ended before what it says fills the memory, and is not asked to go on', async () => {
  const flood = Buffer.from(`event: ping\ndata: {"type":"ping"}\n: ${'x'.repeat(2 ** 20)}\n\n`);
  let asked = 0;
  const { clock, ask, transport } = memoryStage((_request, respond) => {
    asked++;
    respond.head(200, ['content-type', 'text/event-stream']);
    respond.data(events.start + events.openText(0) + events.text(0, 'On '));
    respond.data(events.text(0, 'and '));
    for (let bytes = 0; bytes <= streamBytesMax; bytes += flood.length) respond.data(flood);
  });
  const { reply } = ask({ body: { stream: true } }, new FastReader());
  await clock.runUntil(() => reply.state === 'ended');
  assert.match(reply.text(), /^event: error\n.*"api_error".*over 256 MiB/);
  assert.equal(asked, 1);
  assert.equal(transport.open, 0);
});
