import type { Clock } from '../core/clock.ts';
import { Hints } from '../store/hints.ts';
import { SqliteConnection } from '../store/sqlite-connection.ts';
import { rowsOf } from '../store/sqlite-outcome.ts';
import { type Store, StoreError } from '../store/store.ts';

interface InlineSqliteOptions {
  /** Path of the file, or `:memory:`. */
  readonly path: string;
  /** What `rt_now()` is: a virtual clock lets leases run out in a simulation. */
  readonly clock: Clock;
}

/**
 * SQLite in the calling thread: for simulations in virtual time, in which nothing may wait for
 * another thread. It means the same as the store of `openSqlite`, but blocks while the disk works.
 */
export function inlineSqlite({ path, clock }: InlineSqliteOptions): Store {
  const connection = new SqliteConnection(path, clock);
  const hints = new Hints();
  let closed = false;
  const open = (): SqliteConnection => {
    if (closed) throw new StoreError('gone', 'The store has been closed.');
    return connection;
  };
  return {
    kind: 'sqlite',
    write: async (statements) => rowsOf(open().commit([statements])[0]),
    read: async (statement) => rowsOf(open().read(statement))[0] ?? [],
    backup: async (path) => void rowsOf(await open().backup(path)),
    hint: (topic) => hints.tell(topic),
    onHint: (topic, listener) => hints.add(topic, listener),
    close: async () => {
      if (!closed) connection.close();
      closed = true;
      hints.clear();
    },
  };
}
