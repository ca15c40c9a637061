import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { Statement } from '../../src/store/store.ts';

const diskBytes = 8 * 2 ** 20;

/** A small disk of its own; a reason where this machine lets us have none. */
function smallDisk(): { readonly folder: string } | string {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', folder], {
    stdio: 'ignore',
  });
  if (status === 0) return { folder };
  rmdirSync(folder);
  return 'only root may mount the small disk that this takes';
}

const disk = process.platform === 'linux' ? smallDisk() : 'this test mounts a disk as Linux does';
const skip = typeof disk === 'string' && disk;

test('on a full disk writes fail as full, reads go on, and room alone makes all well', { skip }, async (t) => {
  assert.ok(typeof disk === 'object');
  const { folder } = disk;
  t.after(() => {
    spawnSync('umount', [folder], { stdio: 'ignore' });
    rmdirSync(folder);
  });
  const store = await openSqlite(join(folder, 'a.db'));
  try {
    await store.write([{ sql: 'CREATE TABLE things (id BIGINT PRIMARY KEY, bytes {blob})', values: [] }]);
    const put = (id: number): Statement[] => [
      { sql: 'INSERT INTO things (id, bytes) VALUES ($1, $2)', values: [id, new Uint8Array(100_000)] },
    ];
    for (let id = 0; id < 10; id++) await store.write(put(id));
    const ballast = join(folder, 'ballast');
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(ballast, new Uint8Array(bavail * bsize - 50_000));

    const refused = await Promise.allSettled([10, 11, 12].map((id) => store.write(put(id))));
    for (const each of refused) {
      assert.ok(each.status === 'rejected' && each.reason.code === 'full', JSON.stringify(each));
      assert.match(each.reason.message, /disk of the database is full: make room/);
    }
    const ids = { sql: 'SELECT id FROM things ORDER BY id', values: [] };
    assert.equal((await store.read(ids)).length, 10);

    rmSync(ballast);
    await store.write(put(20));
    assert.deepEqual(
      (await store.read(ids)).map((row) => row.id),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20],
    );
    const [check] = await store.read({ sql: 'PRAGMA integrity_check', values: [] });
    assert.equal(check?.integrity_check, 'ok');
  } finally {
    await store.close();
  }
});
