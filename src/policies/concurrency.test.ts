import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { ConcurrencyLimit, rampLimit } from './concurrency.ts';

function limitWith(inFlight: number): { clock: VirtualClock; limit: ConcurrencyLimit } {
  const clock = new VirtualClock();
  const limit = new ConcurrencyLimit(clock);
  for (let i = 0; i < inFlight; i++) limit.acquire();
  return { clock, limit };
}

test('there is no limit until the upstream has too much; then one cut answers one bad moment', async () => {
  const { clock, limit } = limitWith(100);
  assert.equal(limit.hasRoom(), true);
  for (let i = 0; i < 50; i++) limit.overloaded();
  assert.equal(limit.limit, 70);
  assert.equal(limit.hasRoom(), false);
  await clock.advance(5_000);
  limit.overloaded();
  assert.equal(limit.limit, 49);
});

test('the limit never falls so low that only probes are left', async () => {
  const { clock, limit } = limitWith(2);
  for (let i = 0; i < 5; i++) {
    limit.overloaded();
    await clock.advance(5_000);
  }
  assert.equal(limit.limit, 4);
});

test('it is felt out carefully after a cut, then raised by one a success, and only while it is in use', async () => {
  const { clock, limit } = limitWith(100);
  limit.overloaded();
  limit.succeeded();
  assert.ok(Math.abs(limit.limit - 70.1) < 1e-9);
  await clock.advance(10_000);
  limit.succeeded();
  assert.ok(Math.abs(limit.limit - 71.1) < 1e-9);
  for (let i = 0; i < 80; i++) limit.release();
  limit.succeeded();
  assert.ok(Math.abs(limit.limit - 71.1) < 1e-9);
});

test('after an outage it begins small, and goes when nobody waits any more', async () => {
  const { clock, limit } = limitWith(0);
  limit.ramp();
  assert.equal(limit.limit, rampLimit);
  limit.lift();
  assert.equal(limit.limit, Number.POSITIVE_INFINITY);
  for (let i = 0; i < 10; i++) limit.acquire();
  limit.overloaded();
  limit.lift();
  assert.equal(limit.limit, 7);
  await clock.advance(10_000);
  limit.lift();
  assert.equal(limit.limit, Number.POSITIVE_INFINITY);
});
