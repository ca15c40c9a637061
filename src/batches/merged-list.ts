import type { Answer } from '../queue/collect-answer.ts';
import type { BatchView, Desk, PageAt } from '../queue/queue.ts';
import { isJsonObject, type JsonObject } from '../wire/json.ts';
import { describe, ownPrefix } from './answers.ts';
import { jsonOf } from './json-answer.ts';

/** The API's bounds of a page. */
const limitDefault = 20;
const limitMax = 1_000;

/** What a list request asks for. At most one of the cursors is set. */
export interface PageQuery {
  readonly limit: number;
  readonly afterId: string | null;
  readonly beforeId: string | null;
  /** The parameters that are no part of the page. */
  readonly rest: URLSearchParams;
}

/** @returns null for a query that the API would refuse: the API shall say so itself */
export function pageQueryOf(query: URLSearchParams): PageQuery | null {
  const limit = query.get('limit') ?? String(limitDefault);
  const [afterId, beforeId] = [query.get('after_id'), query.get('before_id')];
  if (!/^\d{1,4}$/.test(limit) || Number(limit) < 1 || Number(limit) > limitMax) return null;
  if (afterId !== null && beforeId !== null) return null;
  const rest = new URLSearchParams(query);
  for (const name of ['limit', 'after_id', 'before_id']) rest.delete(name);
  return { limit: Number(limit), afterId, beforeId, rest };
}

/** What the merge needs: the queue's batches and the upstream's. */
export interface Sides {
  readonly desk: Desk;
  readonly scope: string;
  /** Ids of the upstream's batches that are not shown: queued work that was offloaded, which is shown as ours. */
  readonly hidden: ReadonlySet<string>;
  /** GETs `/v1/messages/batches` with what is appended to it: `/ID`, `?limit=…`; null where the answer broke off. */
  get(tail: string): Promise<Answer | null>;
}

/** What takes the place of the list: the upstream's refusal, null where that broke off, or a cursor of ours that leads nowhere. */
export interface Instead {
  readonly instead: Answer | 'missing' | null;
}

/** A page as the API shows one. */
export interface MergedPage {
  readonly data: readonly JsonObject[];
  readonly has_more: boolean;
  readonly first_id: unknown;
  readonly last_id: unknown;
}

/** One of the upstream's batches, and when it was made. */
interface Theirs {
  readonly createdAtMs: number;
  readonly batch: JsonObject;
}

/** Part of the upstream's list, newest first; `more` beyond it in the direction that was asked for. */
interface TheirPage {
  readonly batches: readonly Theirs[];
  readonly more: boolean;
}

/**
 * One list of the queue's and the upstream's batches, by `created_at` descending and then by id. A
 * cursor is the id of a batch, whose beginning says on which side it is; its place on the other side
 * is found by its time. Walking the pages meets each batch once.
 */
export async function mergedList(query: PageQuery, sides: Sides): Promise<MergedPage | Instead> {
  const at = await placeOf(query.afterId ?? query.beforeId, sides);
  if (at !== null && 'instead' in at) return at;
  const theirs = await theirPage(query, at, sides);
  if ('instead' in theirs) return theirs;
  const forward = query.beforeId === null;
  const cursor = at === null ? {} : forward ? { after: at } : { before: at };
  // One more than is shown tells whether there are more.
  const ours = await sides.desk.batches(sides.scope, { ...cursor, limit: query.limit + 1 });

  const merged = merge(ours, theirs.batches);
  const data = forward ? merged.slice(0, query.limit) : merged.slice(-query.limit);
  return {
    data,
    has_more: merged.length > query.limit || theirs.more,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

/** Where a cursor stands in the merged list. */
async function placeOf(id: string | null, sides: Sides): Promise<PageAt | Instead | null> {
  if (id === null) return null;
  if (id.startsWith(ownPrefix)) {
    const view = await sides.desk.batch(id, sides.scope);
    return view === null ? { instead: 'missing' } : { createdAtMs: view.createdAtMs, id };
  }
  const asked = await sides.get(`/${encodeURIComponent(id)}?`);
  if (asked?.status !== 200) return { instead: asked };
  const createdAtMs = timeOf(jsonOf(asked));
  return createdAtMs === null ? { instead: null } : { createdAtMs, id };
}

async function theirPage(query: PageQuery, at: PageAt | null, sides: Sides): Promise<TheirPage | Instead> {
  const { limit, afterId, beforeId } = query;
  if (at === null || !at.id.startsWith(ownPrefix)) return shown(limit, afterId, beforeId, sides);
  return beforeId !== null ? newerThan(at, limit, sides) : olderThan(at, limit, sides);
}

/** The page that the upstream's own cursors lead to, filled up where some of it is not shown. */
async function shown(
  limit: number,
  afterId: string | null,
  beforeId: string | null,
  sides: Sides,
): Promise<TheirPage | Instead> {
  let [batches, cursor]: [readonly Theirs[], string | null] = [[], beforeId ?? afterId];
  for (;;) {
    const page = await ask(limit, cursor, sides, beforeId === null ? 'after_id' : 'before_id');
    if ('instead' in page) return page;
    const fresh = page.batches.filter(({ batch }) => !sides.hidden.has(String(batch.id)));
    batches = beforeId === null ? [...batches, ...fresh] : [...fresh, ...batches];
    if (!page.more || batches.length >= limit) return { batches, more: page.more };
    cursor = String((beforeId === null ? page.batches.at(-1) : page.batches[0])?.batch.id);
  }
}

/** The upstream knows none of our ids: what is older than one is found by walking there. */
async function olderThan(at: PageAt, limit: number, sides: Sides): Promise<TheirPage | Instead> {
  const older: Theirs[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await ask(limitMax, cursor, sides);
    if ('instead' in page) return page;
    // At the same time ours come first: `msgbatch_rt_` is the greater id.
    older.push(
      ...page.batches.filter(
        ({ createdAtMs, batch }) => createdAtMs <= at.createdAtMs && !sides.hidden.has(String(batch.id)),
      ),
    );
    if (older.length > limit || !page.more) return { batches: older.slice(0, limit), more: older.length > limit };
    cursor = lastIdOf(page);
  }
}

async function newerThan(at: PageAt, limit: number, sides: Sides): Promise<TheirPage | Instead> {
  const newer: Theirs[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await ask(limitMax, cursor, sides);
    if ('instead' in page) return page;
    const fitting = page.batches.filter(({ createdAtMs }) => createdAtMs > at.createdAtMs);
    newer.push(...fitting.filter(({ batch }) => !sides.hidden.has(String(batch.id))));
    if (fitting.length < page.batches.length || !page.more) {
      return { batches: newer.slice(-limit), more: newer.length > limit };
    }
    cursor = lastIdOf(page);
  }
}

const lastIdOf = ({ batches }: TheirPage) => String(batches.at(-1)?.batch.id ?? '');

async function ask(
  limit: number,
  cursor: string | null,
  sides: Sides,
  name: 'after_id' | 'before_id' = 'after_id',
): Promise<TheirPage | Instead> {
  const asked = await sides.get(`?limit=${limit}${cursor === null ? '' : `&${name}=${encodeURIComponent(cursor)}`}`);
  // An upstream without the endpoint has no batches; behind a cursor of its own a 404 is about that one.
  const hasNone = asked !== null && (asked.status === 404 || asked.status === 405) && cursor === null;
  if (hasNone) return { batches: [], more: false };
  const list = asked?.status === 200 ? jsonOf(asked) : null;
  if (!Array.isArray(list?.data)) return { instead: asked };
  const batches: Theirs[] = [];
  for (const batch of list.data) {
    const createdAtMs = timeOf(batch);
    if (createdAtMs === null) return { instead: asked };
    batches.push({ createdAtMs, batch });
  }
  // A page never holds its own cursor. An upstream that takes no cursors sends the first page for ever.
  if (cursor !== null && batches.some(({ batch }) => batch.id === cursor)) return { batches: [], more: false };
  return { batches, more: list.has_more === true && batches.length > 0 };
}

function timeOf(batch: unknown): number | null {
  const atMs = isJsonObject(batch) ? Date.parse(String(batch.created_at)) : Number.NaN;
  return Number.isNaN(atMs) ? null : atMs;
}

/** Each side keeps its own order; at the same time ours come first. */
function merge(ours: readonly BatchView[], theirs: readonly Theirs[]): JsonObject[] {
  const merged: JsonObject[] = [];
  let next = 0;
  for (const view of ours) {
    for (let other = theirs[next]; other && other.createdAtMs > view.createdAtMs; other = theirs[++next]) {
      merged.push(other.batch);
    }
    merged.push(describe(view));
  }
  return [...merged, ...theirs.slice(next).map(({ batch }) => batch)];
}
