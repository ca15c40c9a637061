import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../core/random.ts';
import { models, planCalls } from './calls.ts';

test('the same seed plans the same calls, another seed others', () => {
  assert.deepEqual(planCalls(50, seededRandom(7)), planCalls(50, seededRandom(7)));
  assert.notDeepEqual(planCalls(50, seededRandom(7)), planCalls(50, seededRandom(8)));
});

test('every mix of model, streaming, kind and fallback occurs, each about as often', () => {
  const calls = planCalls(2400, seededRandom(1));
  const mixes = new Map<string, number>();
  for (const { request, stream, fallback } of calls) {
    const kind = request.tools ? 'tools' : request.thinking ? 'thinking' : 'text';
    const mix = `${request.model} ${stream} ${kind} ${fallback}`;
    mixes.set(mix, (mixes.get(mix) ?? 0) + 1);
  }
  assert.equal(mixes.size, models.length * 2 * 3 * 2);
  for (const [mix, count] of mixes) assert.ok(count > 60 && count < 140, `${mix}: ${count} of 100 expected`);
});
