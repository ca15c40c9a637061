import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CollectReply } from '../../src/testing/index.ts';
import { close, end, openText, start, stop, text } from '../fixtures/stream-events.ts';
import { json, memoryStage } from './memory-stage.ts';

const seconds = 1000;
const events = ['content-type', 'text/event-stream'];
const streaming = { body: { stream: true } };

/** A reader with a bug: the named method throws, for as long as it is told to. */
function buggyReply(method: 'head' | 'write' | 'end', times = Number.POSITIVE_INFINITY): CollectReply {
  const reply = new CollectReply();
  const good = reply[method].bind(reply) as (...given: unknown[]) => boolean;
  let left = times;
  const bad = (...given: unknown[]): boolean => {
    if (left-- > 0) throw new TypeError('a bug');
    return good(...given);
  };
  return Object.assign(reply, { [method]: bad });
}

test('a bug met in a timer ends its call, not the process', async () => {
  const { clock, engine, ask } = memoryStage((_request, respond) => {
    respond.head(200, events);
    // Whole, and kept open: the clock ends it.
    respond.data(start + openText(0) + text(0, 'x') + close(0));
    respond.data(end('end_turn') + stop);
  });
  ask(streaming, buggyReply('end'));
  await clock.advance(10 * seconds);
  assert.equal(engine.gauges.running, 0);
});

for (const method of ['head', 'write'] as const) {
  test(`a bug met in ${method} while the stream is held open or pinged ends the call, and aborts its attempt`, async () => {
    const { clock, engine, transport, ask } = memoryStage(() => {});
    const { reply } = ask(streaming, buggyReply(method));
    await clock.advance(60 * seconds);
    assert.deepEqual([engine.gauges.running, transport.open], [0, 0]);
    assert.notEqual(reply.state, 'ended');
  });
}

test('a bug met in every answer ends in a typed error that says whose it is', async () => {
  const { clock, ask } = memoryStage((_request, respond) => {
    respond.head(200, json);
    respond.data({ length: 1 } as Uint8Array);
    respond.end();
  });
  const { reply } = ask({ headers: ['ridethrough-deadline', '20'] });
  await clock.advance(30 * seconds);
  assert.equal(reply.status, 500);
  assert.match(reply.text(), /"api_error".*Ridethrough failed at reading the answer/);
});
