import { openSqlite } from '../../src/store/sqlite.ts';

// Writes one row after another, and says so after each acknowledgement.

const [, , path = '', writes = '0'] = process.argv;
const store = await openSqlite(path);
await store.write([{ sql: 'CREATE TABLE things (id BIGINT PRIMARY KEY)', values: [] }]);
for (let id = 1; id <= Number(writes); id++) {
  await store.write([{ sql: 'INSERT INTO things (id) VALUES ($1)', values: [id] }]);
  process.stdout.write(`ack ${id}\n`);
}
await store.close();
