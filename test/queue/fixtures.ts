import type { NewBatch, NewItem } from '../../src/queue/queue.ts';

/** The request of a queued item, as an exhausted call leaves it. */
export function itemOf(id: string, given: Partial<NewItem> = {}): NewItem {
  return {
    id,
    customId: id,
    path: '/v1/messages',
    headers: ['content-type', 'application/json'],
    body: Buffer.from(`{"model":"claude-opus-5-5","max_tokens":100,"messages":[{"role":"user","content":"${id}"}]}`),
    model: 'claude-opus-5-5',
    priority: 'default',
    ...given,
  };
}

/** A batch with as many items as ids. */
export function batchOf(id: string, ids: readonly string[], given: Partial<NewBatch> = {}): NewBatch {
  return {
    id,
    scope: 'local',
    credential: 'none',
    expiresInMs: 86_400_000,
    items: ids.map((each) => itemOf(each)),
    ...given,
  };
}
