import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inTurn } from './in-turn.ts';

test('an older configuration whose checks take longer does not land after a newer one', async () => {
  const checked = Promise.withResolvers<void>();
  let inForce = 'first';
  const reload = inTurn(async (config: string) => {
    if (config === 'older') await checked.promise;
    inForce = config;
  });
  const reloads = [reload('older'), reload('newer')];
  // Time enough for the newer one to land, were it not held.
  await new Promise(process.nextTick);
  checked.resolve();
  await Promise.all(reloads);
  assert.equal(inForce, 'newer');
});

test('a configuration that is refused keeps none of the next ones waiting', async () => {
  const taken: string[] = [];
  const reload = inTurn(async (config: string) => {
    if (config === 'broken') throw new Error('refused');
    taken.push(config);
  });
  const [broken, next] = [reload('broken'), reload('next')];
  await assert.rejects(broken, /refused/);
  await next;
  assert.deepEqual(taken, ['next']);
});
