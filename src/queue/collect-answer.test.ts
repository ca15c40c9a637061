import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, Reply } from '../core/call.ts';
import type { Engine } from '../engine/engine.ts';
import { collectAnswer } from './collect-answer.ts';

const call = {} as Call;

/** An engine that answers with so many chunks of 10 bytes, at once or when it is told to. */
function answering(chunks: number) {
  let aborts = 0;
  let written = 0;
  let answer = () => {};
  const handle = (_call: Call, reply: Reply) => {
    answer = () => {
      reply.head(200, []);
      for (; written < chunks && aborts === 0; written++) reply.write(new Uint8Array(10));
      if (aborts === 0) reply.end();
    };
    return { resume: () => {}, abort: () => void aborts++ };
  };
  const engine = { handle } as unknown as Engine;
  return { engine, answer: () => answer(), seen: () => ({ aborts, written }) };
}

test('an answer is kept whole up to the bound', async () => {
  const stage = answering(10);
  const collected = collectAnswer(stage.engine, call, () => {}, 100);
  stage.answer();
  assert.equal((await collected)?.body.length, 100);
});

test('an answer without end is broken off at the bound, and fills no memory', async () => {
  const stage = answering(Number.POSITIVE_INFINITY);
  const collected = collectAnswer(stage.engine, call, () => {}, 100);
  stage.answer();
  assert.equal(await collected, null);
  assert.deepEqual(stage.seen(), { aborts: 1, written: 11 });
});
