import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CollectReply } from '../../src/testing/index.ts';
import { close, end, openText, start, stop, text } from '../fixtures/stream-events.ts';
import { json, memoryStage, message } from './memory-stage.ts';

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

test('a bug of ours is told in a typed error, and leaves the route open to others', async () => {
  const { clock, ask } = memoryStage((_request, respond) => respond.answer(200, json, message));
  const callers = Array.from({ length: 30 }, () =>
    ask({ headers: ['ridethrough-deadline', '20'] }, buggyReply('head', 1)),
  );
  const { reply } = ask();
  await clock.advance(1);
  // Thirty failures of a route would have shut it.
  assert.equal(reply.status, 200);
  await clock.advance(60 * seconds);
  for (const { reply: told } of callers) assert.notEqual(told.state, 'before-head');
});
