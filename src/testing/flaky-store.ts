import { type Store, StoreError } from '../store/store.ts';

/**
 * How a call fails. `full`: nothing happened, and the error says so. `undone`: nothing happened, but
 * the error is `unsure`. `done`: it happened, and the error is `unsure`. A read that fails is `gone`.
 */
export type StoreFault = 'full' | 'undone' | 'done';

export const storeFaults: readonly StoreFault[] = ['full', 'undone', 'done'];

/** A store of which one call fails. */
export interface FlakyStore extends Store {
  /** Reads and writes so far; below `nth`, the fault has not come yet. */
  readonly calls: number;
}

/**
 * Fails one call of a store, for tests that try every call of a piece of work in turn.
 * @param nth which read or write fails, 1 for the first; the others pass
 */
export function flakyStore(store: Store, nth: number, fault: StoreFault): FlakyStore {
  let calls = 0;
  const code = fault === 'full' ? 'full' : 'unsure';
  const message = `Call ${nth} of the store was to fail (${fault}).`;
  return {
    kind: store.kind,
    get calls() {
      return calls;
    },
    async write(statements) {
      if (++calls !== nth) return store.write(statements);
      if (fault === 'done') await store.write(statements);
      throw new StoreError(code, message);
    },
    async read(statement) {
      if (++calls !== nth) return store.read(statement);
      throw new StoreError('gone', message);
    },
    hint: (topic) => store.hint(topic),
    onHint: (topic, listener) => store.onHint(topic, listener),
    backup: (path) => store.backup(path),
    close: () => store.close(),
  };
}
