import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { Statement } from '../../src/store/store.ts';
import type { Workload } from './rounds.ts';

export const createRows: Statement = {
  sql: 'CREATE TABLE IF NOT EXISTS crash_rows (id TEXT PRIMARY KEY, bytes {blob})',
  values: [],
};

/** The plainest work there is: what was acknowledged has to be there. */
export function insertRows(): Workload {
  const acknowledged = new Set<string>();
  return {
    program: fileURLToPath(new URL('insert-child.ts', import.meta.url)),
    children: 2,
    linesMax: 200,
    async verify(store, lines) {
      for (const line of lines) if (line !== 'begin') acknowledged.add(line);
      // A round may end before the first child has come as far as the table.
      await store.write([createRows]);
      const rows = await store.read({ sql: 'SELECT id FROM crash_rows', values: [] });
      const kept = new Set(rows.map((row) => String(row.id)));
      const lost = [...acknowledged].filter((id) => !kept.has(id));
      assert.deepEqual(lost, [], `${lost.length} of ${acknowledged.size} acknowledged rows are lost`);
      if (store.kind === 'postgres') return;
      const [check] = await store.read({ sql: 'PRAGMA integrity_check', values: [] });
      assert.equal(check?.integrity_check, 'ok');
    },
  };
}
