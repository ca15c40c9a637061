import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '../../src/core/limits.ts';
import { begin, finish, logNormalMs, refuseOverloaded, type Serve, World } from './world.ts';

const seconds = 1000;

/** An upstream with so many slots; who finds none is refused. Refuses everybody while it is out. */
function slotted(world: () => World, outage: { fromMs: number; toMs: number }, slots: number, meanMs: number): Serve {
  let busy = 0;
  return (stream, handler) => {
    const { nowMs, clock, random } = world();
    if ((nowMs >= outage.fromMs && nowMs < outage.toMs) || busy >= slots) {
      const timer = clock.after(50, () => refuseOverloaded(handler));
      return () => clock.cancel(timer);
    }
    busy++;
    begin(stream, handler);
    const timer = clock.after(logNormalMs(random, meanMs), () => {
      busy--;
      finish(stream, handler);
    });
    return () => {
      busy--;
      clock.cancel(timer);
    };
  };
}

test('five minutes of total outage at 20 requests a second: nothing is amplified, and nearly all come home', async (t) => {
  for (const seed of [1, 2, 3]) {
    const outage = { fromMs: 60 * seconds, toMs: 360 * seconds };
    // Twice the load of 20/s at 2 s each is 80 slots.
    const world: World = new World(
      seed,
      slotted(() => world, outage, 80, 2 * seconds),
    );
    world.traffic(20, 900 * seconds);
    await world.clock.advance(outage.fromMs);
    const before = { calls: world.fates.length, attempts: world.attempts, probes: world.probes };
    await world.clock.advance(outage.toMs - outage.fromMs);
    const calls = world.fates.length - before.calls;
    const attempts = world.attempts - before.attempts;
    const probes = world.probes - before.probes;
    await world.clock.advance(1200 * seconds);

    const due = world.fates.filter(
      (fate) => fate.arrivedMs < outage.toMs && fate.deadlineAtMs - outage.toMs >= 60 * seconds,
    );
    const home = due.filter((fate) => fate.whole).length / due.length;
    const extra = world.attempts - world.fates.length;
    const line = `seed ${seed}: outage: ${calls} calls, ${attempts} attempts, ${probes} probes; afterwards ${(100 * home).toFixed(2)} % of ${due.length} whole, ${extra} extra attempts, ${world.successes} successes, ${world.probes} probes`;
    t.diagnostic(line);
    assert.ok(attempts <= 1.1 * calls + defaultLimits.budget.floor + probes, line);
    assert.ok(extra <= defaultLimits.budget.ratio * world.successes + defaultLimits.budget.floor + world.probes, line);
    assert.ok(home >= 0.98, line);
    const late = world.fates.filter(
      (fate) => fate.whole === false && (fate.endedMs ?? Number.POSITIVE_INFINITY) > fate.deadlineAtMs + 1,
    );
    assert.equal(late.length, 0, `${line}; ${late.length} calls were told after their deadline`);
    assert.equal(world.engine.gauges.running, 0);
    assert.equal(world.clock.pendingTimers, 0, 'a timer is left');
  }
});

for (const outageSeconds of [60, 120, 500]) {
  test(`a lone caller with 600 s of patience survives an outage of ${outageSeconds} s`, async (t) => {
    const lags: number[] = [];
    for (let seed = 1; seed <= 200; seed++) {
      const outage = { fromMs: 0, toMs: outageSeconds * seconds };
      const world: World = new World(
        seed,
        slotted(() => world, outage, 80, 2 * seconds),
      );
      const fate = world.send(seed % 2 === 0, 600);
      await world.clock.runUntil(() => fate.endedMs !== null);
      assert.ok(fate.whole, `seed ${seed}: ended with ${fate.status} after ${fate.endedMs} ms`);
      lags.push((fate.endedMs as number) - outage.toMs);
    }
    lags.sort((a, b) => a - b);
    t.diagnostic(`lag after the outage: median ${lags[100]} ms, p99 ${lags[197]} ms`);
    assert.ok((lags[197] as number) < 50 * seconds);
  });
}
