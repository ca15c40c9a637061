import type { StoreFailure } from './sqlite-failure.ts';
import { type Row, StoreError } from './store.ts';

/** What became of one write, or of a read, as it crosses threads: the rows of each statement. */
export type Outcome = { readonly rows: readonly (readonly Row[])[] } | { readonly failure: StoreFailure };

/** @throws StoreError the failure, where it is one */
export function rowsOf(outcome: Outcome | undefined): readonly (readonly Row[])[] {
  if (outcome === undefined) return [];
  if ('failure' in outcome) throw new StoreError(outcome.failure.code, outcome.failure.message);
  return outcome.rows;
}
