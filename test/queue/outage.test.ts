import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liveThroughOutage } from './outage-hour.ts';

// `npm run test:outage` lives through a whole hour, which takes minutes.
const outageMs = process.env.OUTAGE === 'hour' ? 3_600_000 : 60_000;
const perSecond = 20;

test(`an outage of ${outageMs / 60_000} min at ${perSecond} requests/s: all queued work is done, and live calls notice nothing of it`, async (t) => {
  const seed = 7;
  const report = await liveThroughOutage(t, { seed, perSecond, outageMs, calmMs: 300_000, answerMs: 2_000 });
  const hours = (report.backlogMs / 3_600_000).toFixed(1);
  t.diagnostic(`seed ${seed}: ${report.queued} queued, done in ${hours} h, ${JSON.stringify(report)}`);
  assert.ok(report.queued > (outageMs / 1000) * perSecond * 0.5, 'the outage was hardly noticed');
  assert.equal(report.completed, report.queued);
  assert.equal(report.doubled, 0);
  assert.equal(report.liveFailed, 0);
  assert.ok(report.largestDelayMs <= 100, `a live call was held up for ${report.largestDelayMs} ms`);
  assert.ok(report.busiestPerSecond <= 1.2 * perSecond, `${report.busiestPerSecond} exchanges a second`);
  // Beyond chance: the mean of hundreds of answers.
  assert.ok(report.during.meanMs <= report.before.meanMs * 1.1, `${report.during.meanMs} ms`);
});
