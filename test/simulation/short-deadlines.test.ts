import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish, logNormalMs, refuseOverloaded, World } from './world.ts';

test('a route recovers from an outage although its whole crowd has short deadlines and wants answers in one piece', async () => {
  const seed = 3;
  const outage = { fromMs: 60_000, toMs: 120_000 };
  const world: World = new World(seed, (stream, handler) => {
    if (world.nowMs >= outage.fromMs && world.nowMs < outage.toMs) {
      refuseOverloaded(handler);
      return () => {};
    }
    const timer = world.clock.after(logNormalMs(world.random, 2_000), () => finish(stream, handler));
    return () => world.clock.cancel(timer);
  });
  const next = () => {
    if (world.nowMs >= 300_000) return;
    world.send(false, 30);
    world.clock.after((-Math.log(1 - world.random.next()) / 6) * 1000, next);
  };
  next();
  await world.clock.advance(340_000);
  const late = world.fates.filter(({ arrivedMs }) => arrivedMs >= outage.toMs + 60_000);
  const whole = late.filter((fate) => fate.whole);
  assert.equal(whole.length, late.length, `seed ${seed}: ${late.length - whole.length} of ${late.length} failed`);
});
