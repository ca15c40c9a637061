import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStage } from './memory-stage.ts';

const seconds = 1000;

test('a web page where the API should be is told after the retries, not waited for until the deadline', async () => {
  let attempts = 0;
  const { clock, ask } = memoryStage((_request, respond) => {
    attempts++;
    respond.answer(200, ['content-type', 'text/html'], '<!DOCTYPE html><title>Sign in</title>');
  });
  const { reply } = ask();
  await clock.advance(40 * seconds);
  assert.equal(reply.status, 502);
  assert.equal(attempts, 6);
  assert.match(reply.text(), /not the Claude API/);
});
