import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorJson, json, memoryStage } from './memory-stage.ts';

const seconds = 1000;
const saysNothingOfTheRoute = [
  { name: 'a 429 that names no wait', status: 429, type: 'rate_limit_error', advice: [] },
  { name: 'a 409', status: 409, type: 'conflict_error', advice: [] },
  { name: 'a 400 that may be retried', status: 400, type: 'invalid_request_error', advice: ['x-should-retry', 'true'] },
];

for (const { name, status, type, advice } of saysNothingOfTheRoute) {
  test(`a probe that meets ${name} is no licence to probe again at once`, async () => {
    let attempts = 0;
    const { clock, ask } = memoryStage((_request, respond) => {
      attempts++;
      if (attempts <= 5) respond.answer(529, json, errorJson('overloaded_error'));
      else respond.answer(status, [...json, ...advice], errorJson(type));
    });
    const { reply } = ask({ headers: ['ridethrough-deadline', '120'] });
    await clock.advance(120 * seconds);
    assert.equal(reply.status, status);
    // Five that open the breaker, then one each open interval of five seconds, a fifth less at most.
    assert.ok(attempts > 6 && attempts <= 5 + 120 / 4, `${attempts} attempts`);
  });
}

test('on the ramp a call that failed keeps its backoff', async () => {
  const startsMs: number[] = [];
  const { clock, ask } = memoryStage((_request, respond) => {
    startsMs.push(clock.now());
    // The sixth is the good probe; what follows it on the ramp says nothing of the route.
    if (startsMs.length === 6) respond.answer(200, json, '{"type":"message","content":[],"stop_reason":"end_turn"}');
    else if (startsMs.length <= 5) respond.answer(529, json, errorJson('overloaded_error'));
    else respond.answer(409, json, errorJson('conflict_error'));
  });
  const first = ask();
  await clock.runUntil(() => first.reply.state === 'ended');
  assert.equal(first.reply.status, 200);
  const [began] = [startsMs.length];
  ask({ headers: ['ridethrough-deadline', '20'] });
  await clock.advance(20);
  // Without a backoff the whole budget is gone within milliseconds.
  assert.equal(startsMs.length - began, 1);
});
