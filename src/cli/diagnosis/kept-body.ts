import { loadKey } from '../../queue/key-file.ts';
import { openRequest } from '../../queue/sealed.ts';
import { Vault } from '../../queue/vault.ts';
import type { Store } from '../../store/store.ts';

/**
 * The body of a request that is in the queue; of no other is one kept.
 * @returns null where there is none
 * @throws RidethroughError where the key file is not to be read, Error where it does not open
 */
export async function keptBody(store: Store, folder: string, id: string): Promise<string | null> {
  const [row] = await store.read({ sql: 'SELECT id, request FROM queue_items WHERE id = $1', values: [id] });
  const sealed = row?.request;
  if (!(sealed instanceof Uint8Array)) return null;
  return Buffer.from(openRequest(new Vault(loadKey(folder)), id, sealed).body).toString('utf8');
}
