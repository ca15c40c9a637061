import assert from 'node:assert/strict';
import { flakyStore, storeFaults } from '../../src/testing/flaky-store.ts';
import { withStores } from './with-stores.ts';

withStores(
  'a flaky store fails the call it was told to, says what may have happened, and goes on',
  async (store) => {
    await store.write([{ sql: 'CREATE TABLE things (id BIGINT PRIMARY KEY)', values: [] }]);
    const put = (id: number) => [{ sql: 'INSERT INTO things (id) VALUES ($1)', values: [id] }];
    const ids = { sql: 'SELECT id FROM things ORDER BY id', values: [] };
    for (const [index, fault] of storeFaults.entries()) {
      const flaky = flakyStore(store, 2, fault);
      await flaky.write(put(10 * index));
      await assert.rejects(flaky.write(put(10 * index + 1)), { code: fault === 'full' ? 'full' : 'unsure' });
      await flaky.write(put(10 * index + 2));
      assert.equal(flaky.calls, 3);
      await assert.rejects(flakyStore(store, 1, fault).read(ids), { code: 'gone' });
    }
    assert.deepEqual(
      (await store.read(ids)).map((row) => row.id),
      [0, 2, 10, 12, 20, 21, 22],
    );
  },
  ['inline'],
);
