import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json, memoryStage, message, primary } from './memory-stage.ts';

const models = new Map([['claude-opus-5', 'eu.claude-opus-5-v1']]);

test("on the caller's own route a mapped name changes the model's name and nothing else", async () => {
  const bodies: string[] = [];
  const { clock, ask } = memoryStage(
    (request, respond) => {
      bodies.push(Buffer.from(request.body as Uint8Array).toString());
      respond.answer(200, json, message);
    },
    { primary: { ...primary, models }, collect: 'off' },
  );
  const asked = { max_tokens: 10_000_000, thinking: { type: 'enabled', budget_tokens: 9_000_000 }, speed: 'fast' };
  const { reply } = ask({ body: asked });
  await clock.advance(100);
  const { max_tokens, ...rest } = asked;
  const sent = JSON.stringify({ model: 'eu.claude-opus-5-v1', max_tokens, messages: [], ...rest });
  assert.deepEqual([bodies, reply.header('ridethrough-adapted')], [[sent], null]);
  for (const each of [{ max_tokens: 10_000_000 }, { thinking: asked.thinking }, { speed: 'fast' }]) {
    ask({ body: each });
    await clock.advance(100);
    assert.deepEqual(JSON.parse(bodies.at(-1) as string), {
      model: 'eu.claude-opus-5-v1',
      max_tokens: 100,
      messages: [],
      ...each,
    });
  }
});
