import type { Desk, ItemResult } from '../../src/queue/queue.ts';

/** All results of a batch, as they stand; null while there are none to be had. */
export async function resultsOf(desk: Desk, id: string, scope: string): Promise<ItemResult[] | null> {
  const results = await desk.results(id, scope);
  if (results === null) return null;
  const all: ItemResult[] = [];
  for await (const result of results) all.push(result);
  return all;
}
