import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drainMs } from '../../src/core/limits.ts';
import type { Respond } from '../../src/testing/index.ts';
import { json, memoryStage, message } from './memory-stage.ts';

test('whoever drains, first or again, is told when the last call has ended', async () => {
  const open: Respond[] = [];
  const { clock, engine, ask } = memoryStage((_request, respond) => void open.push(respond));
  const { reply } = ask();
  await clock.advance(1_000);
  const told: string[] = [];
  void engine.drain().then(() => told.push('first'));
  void engine.drain().then(() => told.push('again'));
  await clock.advance(1_000);
  assert.deepEqual(told, []);
  open[0]?.answer(200, json, message);
  await clock.advance(1_000);
  assert.deepEqual([reply.text(), ...told], [message, 'first', 'again']);
  assert.equal(clock.pendingTimers, 0);
});

test('a drain ends what does not end by itself, and takes nothing new', async () => {
  const { clock, engine, transport, ask } = memoryStage(() => {});
  const { reply } = ask();
  await clock.advance(1_000);
  const drained = engine.drain();
  const late = ask();
  await clock.advance(1_000);
  assert.deepEqual([reply.state, late.reply.status, late.reply.header('x-should-retry')], ['before-head', 529, 'true']);
  await clock.advance(drainMs);
  await drained;
  assert.deepEqual([reply.state, reply.header('x-should-retry'), transport.open], ['ended', 'true', 0]);
});
