import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { RidethroughError } from '../../core/errors.ts';
import { defaultDataFolder } from '../../store/data-folder.ts';
import { databaseFile, openStore } from '../../store/open.ts';
import { type Store, StoreError } from '../../store/store.ts';

/** `--data` and `--database`. */
export interface Place {
  readonly data: string | undefined;
  readonly database: string | undefined;
}

/**
 * Opens what a gateway has kept, whether it runs or not, and closes it after the work.
 * @throws RidethroughError `unusable_store` where nothing was kept yet, or it cannot be read
 */
export async function withLedgerStore<T>({ data, database }: Place, work: (store: Store) => Promise<T>): Promise<T> {
  const folder = data ?? defaultDataFolder(process.env);
  if (database === undefined && !existsSync(join(folder, databaseFile))) {
    const message = `Nothing has been recorded in ${folder} yet: run \`ridethrough serve\`, or name its folder with --data.`;
    throw new RidethroughError('unusable_store', message);
  }
  const store = await openStore({ data: folder, database: database ?? null, clock: systemClock });
  try {
    return await work(store);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new RidethroughError('unusable_store', error.message, { cause: error });
  } finally {
    await store.close();
  }
}
