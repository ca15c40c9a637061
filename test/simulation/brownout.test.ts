import assert from 'node:assert/strict';
import { test } from 'node:test';
import { begin, finish, logNormalMs, type Serve, World } from './world.ts';

const seconds = 1000;
const fullSlots = 100;
const meanMs = 20 * seconds;
/** 80 % of what 100 slots serve at 20 s each. */
const load = 4;
const brownout = { fromMs: 120 * seconds, toMs: 240 * seconds };

/** Serves first come, first served; an aborted attempt leaves the line, or frees its slot. */
function queueing(world: () => World): Serve {
  const line: (() => void)[] = [];
  let busy = 0;
  const slots = () => {
    const { nowMs } = world();
    return nowMs >= brownout.fromMs && nowMs < brownout.toMs ? fullSlots / 4 : fullSlots;
  };
  const pump = () => {
    while (busy < slots() && line.length > 0) line.shift()?.();
  };
  return (stream, handler) => {
    const { clock, random } = world();
    let timer: ReturnType<typeof clock.after> | null = null;
    const start = () => {
      busy++;
      begin(stream, handler);
      timer = clock.after(logNormalMs(random, meanMs), () => {
        busy--;
        finish(stream, handler);
        pump();
      });
    };
    line.push(start);
    pump();
    return () => {
      const place = line.indexOf(start);
      if (place >= 0) line.splice(place, 1);
      if (timer === null) return;
      clock.cancel(timer);
      busy--;
      pump();
    };
  };
}

test('a brownout to a quarter of the capacity: 100 seeds, every one recovers within 60 s', async (t) => {
  const recoveries: number[] = [];
  const amplification: number[] = [];
  let whole = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const world: World = new World(
      seed,
      queueing(() => world),
    );
    const untilMs = brownout.toMs + 370 * seconds;
    world.traffic(load, untilMs);
    await world.clock.runUntil(() => world.nowMs >= untilMs && world.engine.gauges.running === 0);
    const recoveredMs = recoveryMs(world);
    assert.ok(recoveredMs !== null && recoveredMs <= 60 * seconds, `seed ${seed}: recovery after ${recoveredMs} ms`);
    recoveries.push(recoveredMs);
    amplification.push(world.attempts / world.fates.length);
    whole += world.fates.filter((fate) => fate.whole).length / world.fates.length / 100;
  }
  recoveries.sort((a, b) => a - b);
  t.diagnostic(
    `recovery: median ${recoveries[50]} ms, worst ${recoveries[99]} ms; attempts a call: worst ${Math.max(...amplification).toFixed(3)}; whole ${(100 * whole).toFixed(2)} %`,
  );
  assert.ok(Math.max(...amplification) <= 1.2);
});

/** From the end of the brownout until five minutes bring home at least 95 % of what arrives in them. */
function recoveryMs(world: World): number | null {
  const windowMs = 300 * seconds;
  for (let fromMs = brownout.toMs; fromMs <= brownout.toMs + 120 * seconds; fromMs += seconds) {
    const within = (ms: number | null) => ms !== null && ms >= fromMs && ms < fromMs + windowMs;
    const arrived = world.fates.filter((fate) => within(fate.arrivedMs)).length;
    const served = world.fates.filter((fate) => fate.whole && within(fate.endedMs)).length;
    if (served >= 0.95 * arrived) return fromMs - brownout.toMs;
  }
  return null;
}
