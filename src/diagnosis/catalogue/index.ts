import type { FailureClass } from '../../core/outcome.ts';
import type { Entry } from './entry.ts';
import { providerEntries } from './provider.ts';
import { wayEntries } from './way.ts';
import { yourEntries } from './yours.ts';

/** Every known way to fail. */
export const catalogue: readonly Entry[] = [...providerEntries, ...wayEntries, ...yourEntries];

/** What is known of a failure, as events and the ledger have it. */
export interface Seen {
  readonly class: FailureClass;
  readonly code: string | null;
  readonly status: number | null;
}

/** The entry that fits best: by its code, else by its status, else that of its class. */
export function entryOf(seen: Seen): Entry {
  const ofClass = catalogue.filter((entry) => entry.class === seen.class);
  const byCode = ofClass.find(({ codes }) => seen.code !== null && codes?.includes(seen.code));
  const byStatus = ofClass.find(({ statuses }) => seen.status !== null && statuses?.includes(seen.status));
  const own = ofClass.find(({ codes, statuses }) => codes === undefined && statuses === undefined);
  // Each class has an entry of its own: a test holds the catalogue to it.
  return byCode ?? byStatus ?? (own as Entry);
}
