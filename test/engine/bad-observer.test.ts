import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observer } from '../../src/core/events.ts';
import { errorJson, json, memoryStage, message } from './memory-stage.ts';

const throwing = (told: string[]): Observer => {
  const tell = (name: string) => () => {
    told.push(name);
    throw new Error(`the observer's ${name}`);
  };
  return { attempt: tell('attempt'), call: tell('call'), breaker: tell('breaker') };
};

test('an observer that throws ends no call and no process', async () => {
  const told: string[] = [];
  let isUp = false;
  const { clock, engine, transport, ask } = memoryStage(
    (_request, respond) =>
      isUp ? respond.answer(200, json, message) : respond.answer(529, json, errorJson('overloaded_error')),
    { observer: throwing(told) },
  );
  const asked = Array.from({ length: 8 }, () => ask());
  await clock.advance(10_000);
  isUp = true;
  await clock.advance(300_000);
  for (const { reply } of asked) assert.deepEqual([reply.status, reply.text()], [200, message]);
  assert.deepEqual(new Set(told), new Set(['attempt', 'call', 'breaker']));
  assert.deepEqual([engine.gauges.running, transport.open, clock.pendingTimers], [0, 0, 0]);
});

test('an observer that fails later ends no process', async () => {
  const rejecting = { call: async () => Promise.reject(new Error('later')) };
  const { clock, ask } = memoryStage((_request, respond) => respond.answer(200, json, message), {
    observer: rejecting,
  });
  const { reply } = ask();
  await clock.advance(1_000);
  assert.equal(reply.text(), message);
});
