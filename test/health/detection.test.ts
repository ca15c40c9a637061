import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { seededRandom } from '../../src/core/random.ts';
import { ChangeDetector } from '../../src/health/detector.ts';
import { play, type Seen, type Weather } from './traffic.ts';

// A sample by default; `npm run test:detection` plays every seed. `SEED=n` begins elsewhere.
const seeds = process.env.DETECTION === 'all' ? 1_000 : 20;
const firstSeed = Number(process.env.SEED ?? 1);
const firstByteClockMs = 30_000;
const troubled = ['degraded', 'down'];

const usual: Omit<Weather, 'seed'> = {
  ...{ callsPerSecond: 5, calm: 0.005, trouble: 0.3, failureMs: 400 },
  ...{ beginsAtMs: 60_000, endsAtMs: 180_000, untilMs: 180_000 },
};

async function playAll(weather: Partial<Weather>, each: (seen: Seen, seed: number) => void): Promise<void> {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) each(await play({ ...usual, ...weather, seed }), seed);
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;
}

/** From the trouble's beginning to the first word of it, in milliseconds. */
function delayMs({ changes }: Seen, seed: number, beganAtMs: number): number {
  const named = changes.find(({ state, atMs }) => troubled.includes(state) && atMs >= beganAtMs);
  assert.ok(named !== undefined, `seed ${seed}: the trouble was not seen`);
  return named.atMs - beganAtMs;
}

function tell(t: TestContext, what: string, values: readonly number[]): void {
  const [median, p99, most] = [0.5, 0.99, 1].map((share) => `${(quantile(values, share) / 1_000).toFixed(1)} s`);
  t.diagnostic(`${what}: median ${median}, p99 ${p99}, longest ${most} (${seeds} seeds from ${firstSeed})`);
}

test('a model at 30 % errors is named within 10 s by half, and within 20 s by 99 of 100', async (t) => {
  const delays: number[] = [];
  let strays = 0;
  await playAll({}, (seen, seed) => {
    delays.push(delayMs(seen, seed, usual.beginsAtMs));
    strays += seen.strays;
  });
  tell(t, 'named after', delays);
  assert.ok(quantile(delays, 0.5) <= 10_000);
  assert.ok(quantile(delays, 0.99) <= 20_000);
  assert.equal(strays, 0, 'a model that was well was named');
});

test('a total outage is named within 3 s where errors come fast', async (t) => {
  const delays: number[] = [];
  await playAll({ trouble: 1, failureMs: 100 }, (seen, seed) => delays.push(delayMs(seen, seed, usual.beginsAtMs)));
  tell(t, 'named after', delays);
  assert.ok(quantile(delays, 0.99) <= 3_000);
});

test('a total outage is named within 3 s of the first-byte clock where calls hang', async (t) => {
  const delays: number[] = [];
  const hang = { trouble: 1, failureMs: firstByteClockMs };
  await playAll(hang, (seen, seed) => delays.push(delayMs(seen, seed, usual.beginsAtMs) - firstByteClockMs));
  tell(t, 'named after the first-byte clock and', delays);
  assert.ok(quantile(delays, 0.99) <= 3_000);
});

test('at 0.2 calls a second an outage is named within 5 failures from at least two calls', async (t) => {
  const counts: number[] = [];
  const late: number[] = [];
  await playAll({ callsPerSecond: 0.2, trouble: 1, endsAtMs: 600_000, untilMs: 600_000 }, (seen, seed) => {
    const namedAtMs = usual.beginsAtMs + delayMs(seen, seed, usual.beginsAtMs);
    const before = seen.failures.filter(({ atMs }) => atMs <= namedAtMs);
    assert.ok(new Set(before.map(({ call }) => call)).size > 1, `seed ${seed}: named after a single call`);
    // Counted from the last success; and until a second call has failed, nothing may be said.
    const inRow = before.filter(({ atMs }) => atMs > seen.lastSuccessAtMs);
    const alone = inRow.findIndex(({ call }) => call !== inRow[0]?.call);
    counts.push(inRow.length);
    if (inRow.length > Math.max(5, alone + 1)) late.push(seed);
  });
  t.diagnostic(`failures until named: median ${quantile(counts, 0.5)}, most ${quantile(counts, 1)} (${seeds} seeds)`);
  t.diagnostic(`later than after 5, or after the first of a second call: ${late.length} seeds (${late.join(', ')})`);
  assert.deepEqual(late, []);
});

test('a recovery is seen within 30 s of its beginning', async (t) => {
  for (const trouble of [0.3, 1]) {
    const delays: number[] = [];
    await playAll({ trouble, endsAtMs: 120_000 }, (seen, seed) => {
      const state = seen.changes.findLast(({ atMs }) => atMs < 120_000)?.state;
      const seenAt = seen.changes.find(({ state: to, atMs }) => atMs >= 120_000 && !troubled.includes(to));
      const alreadyWell = state === 'recovering' || state === 'healthy';
      assert.ok(alreadyWell || seenAt !== undefined, `seed ${seed}: the recovery was not seen`);
      delays.push(alreadyWell ? 0 : (seenAt?.atMs ?? 0) - 120_000);
      assert.ok(['recovering', 'healthy'].includes(seen.changes.at(-1)?.state ?? ''), `seed ${seed}: fell back`);
    });
    tell(t, `after ${trouble * 100} % errors, seen after`, delays);
    assert.ok(quantile(delays, 1) <= 30_000);
  }
});

test('24 hours of 0.5 % stray errors at 5 attempts a second raise no alarm in 99 of 100 seeds', (t) => {
  const alarmed: number[] = [];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const random = seededRandom(seed);
    const detector = new ChangeDetector();
    let changed = false;
    for (let n = 0; n < 24 * 3_600 * 5 && !changed; n++) {
      const failed = random.next() < 0.005;
      // Each attempt is a call of its own, and its caller one of three.
      changed = detector.observe(n * 200, failed, failed ? String(n) : '', callerNames[n % 3] as string);
    }
    if (changed) alarmed.push(seed);
  }
  t.diagnostic(`false alarms in ${seeds} seeds from ${firstSeed}: ${alarmed.length} (${alarmed.join(', ')})`);
  assert.ok(alarmed.length <= Math.max(1, seeds * 0.01));
});

const callerNames = ['a', 'b', 'c'];
