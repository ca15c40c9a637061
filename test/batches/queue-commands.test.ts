import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { defaultQueue } from '../../src/core/limits.ts';
import { StoreDesk } from '../../src/queue/desk.ts';
import { Leases } from '../../src/queue/leases.ts';
import { explainItem, giveUpItems, listItems, purgeBatches, retryItems } from '../../src/queue/office.ts';
import { sealResult } from '../../src/queue/sealed.ts';
import { Tally } from '../../src/queue/tally.ts';
import { Usage } from '../../src/queue/usage.ts';
import { Vault } from '../../src/queue/vault.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { runCli } from '../e2e/cli-process.ts';
import { batchOf } from '../queue/fixtures.ts';
import { withStores } from '../store/with-stores.ts';

const vault = new Vault(new Uint8Array(32).fill(5));
const deskOf = (store: Store) =>
  new StoreDesk(store, vault, new Usage(store, systemClock, () => defaultQueue), new Tally(), systemClock);
const share = { credential: 'none', model: 'claude-opus-5-5', scope: 'local' };
const all = { id: null, state: null, limit: 100 };

/** Ends the oldest item of a queue with an error. */
async function failOne(store: Store): Promise<string> {
  const leases = new Leases(store, 'test');
  const lease = await leases.claim(share);
  assert.ok(lease !== null);
  await leases.sending(lease);
  const error = Buffer.from('{"type":"error","error":{"type":"invalid_request_error","message":"no"}}');
  const end = { unsure: 0, error: '400 invalid_request_error' };
  await leases.finish(lease, 'errored', sealResult(vault, lease.id, error), end);
  return lease.id;
}

withStores('operators list, give up, send again and delete what is queued', async (store) => {
  const desk = deskOf(store);
  await desk.put(batchOf('msgbatch_rt_1', ['a']));
  const failed = await failOne(store);
  await desk.put(batchOf('msgbatch_rt_2', ['b', 'c']));
  assert.equal((await listItems(store, all)).length, 3);
  assert.deepEqual((await listItems(store, { ...all, id: 'msgbatch_rt_2' })).map(({ id }) => id).sort(), ['b', 'c']);
  const [errored] = await listItems(store, { ...all, state: 'errored' });
  assert.ok(errored !== undefined);
  assert.equal(explainItem(errored), 'It has ended: errored. Its last attempt ended with 400 invalid_request_error.');

  assert.equal(await retryItems(store, failed), 1);
  const again = await desk.batch('msgbatch_rt_1', 'local');
  assert.deepEqual([again?.endedAtMs, again?.counts.processing], [null, 1]);
  assert.equal(await retryItems(store, 'b'), 0);

  assert.equal(await giveUpItems(store, 'b'), 1);
  assert.equal((await desk.batch('msgbatch_rt_2', 'local'))?.endedAtMs, null);
  assert.equal(await giveUpItems(store, 'msgbatch_rt_2'), 1);
  assert.equal((await desk.batch('msgbatch_rt_2', 'local'))?.counts.canceled, 2);
  assert.equal(await retryItems(store, 'msgbatch_rt_2'), 0);

  assert.equal(await purgeBatches(store, 'msgbatch_rt_1'), 0);
  assert.equal(await purgeBatches(store, null), 1);
  assert.deepEqual(
    (await listItems(store, all)).map(({ id }) => id),
    ['a'],
  );
});

test('the commands say what waits and why, and nothing of what is asked', async (context) => {
  const data = mkdtempSync(join(tmpdir(), 'ridethrough-queue-'));
  context.after(() => rmSync(data, { recursive: true }));
  const cli = (...words: string[]) => runCli(['queue', ...words, '--data', data]);
  const nothing = await cli('list');
  assert.equal(nothing.status, 2);
  assert.match(nothing.stderr, /run `ridethrough serve`, or name its folder with --data\.\n$/);
  const store = await openStore({ data, database: null, clock: systemClock });
  context.after(() => store.close());
  assert.equal((await cli('list')).stdout, 'The queue is empty.\n');
  const desk = deskOf(store);
  await desk.put(batchOf('msgbatch_rt_1', ['canary'], { credential: 'caller:00ff', scope: 'caller:00ff' }));
  await desk.put(batchOf('msgbatch_rt_2', ['d', 'e']));
  const failed = await failOne(store);

  const listed = await cli('list');
  assert.match(listed.stdout, /^since \(UTC\) +id +model +state +n +last error\n/);
  assert.match(listed.stdout, new RegExp(`${failed} +opus-5-5 +errored +1 +400 invalid`));
  for (const line of listed.stdout.split('\n')) assert.ok(line.length <= 80, line);
  const shown = await cli('show', 'canary');
  assert.match(shown.stdout, /sent with {2}caller:00ff\n/);
  assert.match(shown.stdout, /a gateway knows only once that caller has called it\s+since its start\.\n$/);
  for (const line of shown.stdout.split('\n')) assert.ok(line.length <= 80, line);
  const json = JSON.parse((await cli('list', '--batch', 'msgbatch_rt_2', '--json')).stdout);
  assert.deepEqual([json.length, typeof json[0].why], [2, 'string']);
  assert.ok(!JSON.stringify([listed, shown, json]).includes('"role"'));

  assert.deepEqual([(await cli('retry', failed)).stdout], [`${failed}: 1 put back\n`]);
  const canceled = await cli('cancel', 'msgbatch_rt_2', 'none');
  assert.deepEqual([canceled.status, canceled.stdout], [1, 'msgbatch_rt_2: 2 canceled\nnone: 0 canceled\n']);
  assert.deepEqual((await cli('purge', '--all', '--json')).stdout, '{"purged":1}\n');
  const missed = await cli('purge', 'canary');
  assert.deepEqual([missed.status, missed.stdout], [1, '0 batches purged\n']);
  assert.match(missed.stderr, /canary is no batch that has ended; `ridethrough queue show canary` says what it is/);
  assert.equal((await cli('list', '--state', 'expired')).stdout, 'No such request is in the queue.\n');
  const wrong = await Promise.all([cli('purge'), cli('list', '--state', 'lost'), cli('show', 'none')]);
  assert.deepEqual(
    wrong.map(({ status }) => status),
    [2, 2, 1],
  );
});

test('an id that nobody has is said to be so by `queue cancel`, which sent people to a `queue show` that knew no more', async (context) => {
  const data = mkdtempSync(join(tmpdir(), 'ridethrough-queue-'));
  context.after(() => rmSync(data, { recursive: true }));
  const store = await openStore({ data, database: null, clock: systemClock });
  context.after(() => store.close());
  await deskOf(store).put(batchOf('msgbatch_rt_1', ['a']));
  const { status, stderr } = await runCli(['queue', 'cancel', 'a', 'a', 'none', '--data', data]);
  assert.equal(status, 1);
  assert.deepEqual(stderr.trim().split('\n'), [
    'ridethrough: nothing under a could be canceled; `ridethrough queue show a` says why.',
    'ridethrough: the queue has nothing with the id none; `ridethrough queue list` shows what it has.',
  ]);
});
