import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { defaultDataFolder } from '../../src/store/data-folder.ts';
import { openStore } from '../../src/store/open.ts';
import { placeOf } from '../../src/store/postgres-url.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ridethrough-open-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const open = (data: string, database: string | null = null) => openStore({ data, database, clock: systemClock });
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const unusable = (message: RegExp) => ({ name: 'RidethroughError', code: 'unusable_store', message });

test('the folder is made for its owner alone, and so is every file in it', async (t) => {
  const data = join(folder(t), 'deep', 'data');
  const store = await open(data);
  t.after(() => store.close());
  await store.write([{ sql: 'CREATE TABLE things (id BIGINT)', values: [] }]);
  await store.read({ sql: 'SELECT * FROM things', values: [] });
  assert.equal(modeOf(data), '700');
  const files = readdirSync(data).sort();
  assert.deepEqual(files, ['ridethrough.db', 'ridethrough.db-shm', 'ridethrough.db-wal']);
  assert.deepEqual(
    files.map((file) => modeOf(join(data, file))),
    ['600', '600', '600'],
  );
});

test('a database that others could read is closed to them', async (t) => {
  const data = folder(t);
  await (await open(data)).close();
  chmodSync(join(data, 'ridethrough.db'), 0o644);
  await (await open(data)).close();
  assert.equal(modeOf(join(data, 'ridethrough.db')), '600');
});

test('after it is closed, the database is one file', async (t) => {
  const data = folder(t);
  const store = await open(data);
  await store.read({ sql: 'SELECT 1', values: [] });
  await store.close();
  assert.deepEqual(readdirSync(data), ['ridethrough.db']);
});

test('a file that is no database is named, and left as it is', async (t) => {
  const data = folder(t);
  writeFileSync(join(data, 'ridethrough.db'), 'Dear diary, this is no database at all.\n'.repeat(200));
  await assert.rejects(open(data), unusable(/^The database in .* cannot be used\. .*no database/));
  assert.equal(statSync(join(data, 'ridethrough.db')).size, 8000);
});

test('a folder that cannot be made, or written in, is named', async (t) => {
  const data = folder(t);
  writeFileSync(join(data, 'file'), '');
  await assert.rejects(open(join(data, 'file', 'below')), unusable(/cannot be made .*a file is in the way.*--data/));
  mkdirSync(join(data, 'ridethrough.db'));
  await assert.rejects(open(data), unusable(/ridethrough\.db cannot be made \(EISDIR\)/));
});

test('a folder where no folder can be is named, and does not hang', {
  skip: !existsSync('/proc/self') && 'there is no /proc here',
}, async () => {
  await assert.rejects(
    open('/proc/ridethrough/data'),
    unusable(/The data folder \/proc\/ridethrough\/data cannot be made/),
  );
});

test('a folder without permission is named', { skip: process.getuid?.() === 0 && 'root may do all' }, async (t) => {
  const data = folder(t);
  chmodSync(data, 0o500);
  await assert.rejects(open(data), unusable(/EACCES.*check its folder and permissions/));
});

test('what is no Postgres URL is refused without being shown', async (t) => {
  const data = folder(t);
  for (const database of ['mysql://root:s3cret@localhost/x', 'postgres://u:s3c#ret@h:x/y', './s3cret.db', '']) {
    await assert.rejects(open(data, database), (error: Error) => {
      assert.match(error.message, /must be a URL like postgres:/);
      assert.doesNotMatch(error.message, /s3c/);
      return true;
    });
  }
  assert.ok(!existsSync(join(data, 'ridethrough.db')));
});

test('the place of a database is shown without user and password', () => {
  assert.equal(placeOf('postgres://me:s3cret@db.example:5433/work?sslmode=disable'), 'db.example:5433/work');
  assert.equal(placeOf('postgresql:///work?host=/run/postgresql'), '/run/postgresql/work');
});

test('the default folder is the platform’s, and no relative path moves it', () => {
  assert.equal(defaultDataFolder({ HOME: '/home/a' }, 'linux'), '/home/a/.local/share/ridethrough');
  assert.equal(defaultDataFolder({ HOME: '/h', XDG_DATA_HOME: '/data' }, 'linux'), '/data/ridethrough');
  assert.equal(defaultDataFolder({ HOME: '/h', XDG_DATA_HOME: 'data' }, 'linux'), '/h/.local/share/ridethrough');
  assert.equal(defaultDataFolder({ HOME: '/h' }, 'darwin'), '/h/Library/Application Support/ridethrough');
});
