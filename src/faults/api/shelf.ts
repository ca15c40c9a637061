/** Things kept in memory; beyond this many the oldest is dropped. */
const keptMax = 1_000;

/** A page of a list, newest first, in the API's form. */
export interface Page<Item> {
  readonly data: Item[];
  readonly has_more: boolean;
  readonly first_id: string | null;
  readonly last_id: string | null;
}

/** Named things in the order of their creation, with the API's pages. */
export class Shelf<Item> {
  readonly #items = new Map<string, Item>();

  put(id: string, item: Item): void {
    this.#items.set(id, item);
    const oldest = this.#items.keys().next().value;
    if (this.#items.size > keptMax && oldest !== undefined) this.#items.delete(oldest);
  }

  get(id: string): Item | undefined {
    return this.#items.get(id);
  }

  delete(id: string): boolean {
    return this.#items.delete(id);
  }

  /** The page that `limit` (20), `after_id` and `before_id` of a query ask for. */
  page(query: URLSearchParams): Page<Item> {
    return pageOf([...this.#items].reverse(), query);
  }
}

/** The page of a list that `limit` (20), `after_id` and `before_id` of a query ask for. */
export function pageOf<Item>(entries: readonly (readonly [string, Item])[], query: URLSearchParams): Page<Item> {
  const limit = Math.min(Math.max(Number(query.get('limit') ?? 20) || 20, 1), 1000);
  const position = (id: string) => entries.findIndex(([itsId]) => itsId === id);
  const after = query.get('after_id') ?? query.get('page');
  const before = query.get('before_id');
  const from = after === null ? 0 : position(after) + 1;
  const to = before === null ? entries.length : position(before);
  const start = before === null ? from : Math.max(from, to - limit);
  const shown = entries.slice(start, Math.min(start + limit, to));
  return {
    data: shown.map(([, item]) => item),
    has_more: before === null ? start + limit < entries.length : start > 0,
    first_id: shown[0]?.[0] ?? null,
    last_id: shown.at(-1)?.[0] ?? null,
  };
}
