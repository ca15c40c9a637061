import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseConfig } from '../config/load.ts';
import { systemClock } from '../core/clock.ts';
import { seededRandom } from '../core/random.ts';
import { openStore } from '../store/open.ts';
import { openServices } from './services.ts';

/** A user whose database opens, and has lost a table that the queue needs at once. */
async function openBroken(context: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'ridethrough-services-'));
  context.after(() => rmSync(home, { recursive: true }));
  const folder = join(home, 'ridethrough');
  const store = await openStore({ data: folder, database: null, clock: systemClock });
  await store.write([{ sql: 'DROP TABLE queue_key', values: [] }]);
  await store.close();
  const reports: string[] = [];
  const open = (data: string | undefined) =>
    openServices({
      ...{ data, database: undefined, env: { XDG_DATA_HOME: home, LOCALAPPDATA: home }, terminal: process.stderr },
      ...{ clock: systemClock, random: seededRandom(1), report: (sentence) => void reports.push(sentence) },
      config: parseConfig('', 'test.yaml', { env: {}, upstream: null }),
    });
  return { folder, open, reports };
}

test('a database that fails when it is first used keeps nobody from being served, and is no bug to be reported', async (context) => {
  const { folder, open, reports } = await openBroken(context);
  const services = await open(undefined);
  assert.match(
    reports.join(),
    /^The database cannot be used\. .*Calls are served, but nothing is recorded or queued\.$/,
  );
  await services.close();
  // A place that was named must be usable.
  await assert.rejects(open(folder), { name: 'RidethroughError', code: 'unusable_store' });
});
