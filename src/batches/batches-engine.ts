import type { Call } from '../core/call.ts';
import { bodyBytesMax } from '../core/limits.ts';
import { LruMap } from '../core/lru.ts';
import type { Engine } from '../engine/engine.ts';
import { isCoded } from '../wire/headers.ts';
import { ownPrefix } from './answers.ts';
import { createBatch, type Told } from './create.ts';
import { type BatchesDeps, isManaged } from './deps.ts';
import { showList } from './list.ts';
import { serveOwn } from './own.ts';
import { passRelative } from './relative.ts';
import { Visit } from './visit.ts';

export type { BatchesDeps } from './deps.ts';

/** Bodies of creations that are held at a time; what comes beyond it passes without the queue behind it. */
const heldBytesMax = 2 * bodyBytesMax.batches;

/** Creations of so many callers are told apart; a doubt looks back over some minutes. */
const toldMax = 10_000;

const root = '/v1/messages/batches';

/**
 * An engine that shows the queue as the Batches API: batches of the queue (`msgbatch_rt_…`) are served
 * from it, to the caller who made them; all others, and every other call, by the engine it is given.
 * The one list has both. Creations go to the upstream, and into the queue when that is failing.
 */
export function withBatches(deps: BatchesDeps): Engine {
  const { engine } = deps;
  let heldBytes = 0;
  const told: Told = new LruMap(toldMax);
  return {
    ...engine,
    handle(call, reply) {
      if (call.endpoint.name !== 'batches') return engine.handle(call, reply);
      const { id, action } = partsOf(call.path);
      const visit = new Visit(deps, call, reply);
      if (id?.startsWith(ownPrefix)) return visit.run(() => serveOwn(visit, id, action));
      if (id === null && call.method === 'GET') return visit.run(() => showList(visit));
      if (id === null && call.method === 'POST') {
        const bytes = sizeOf(call);
        if (bytes === null || heldBytes + bytes > heldBytesMax) return engine.handle(call, reply);
        heldBytes += bytes;
        return visit.run(
          () => createBatch(visit, told),
          () => {
            heldBytes -= bytes;
          },
        );
      }
      // Downloads pass as they come; what names the address of a download may have to be changed.
      if (action === 'results' || !isManaged(call)) return engine.handle(call, reply);
      return visit.run(() => passRelative(visit));
    },
    routes: engine.routes,
  };
}

function partsOf(path: string): { id: string | null; action: string | null } {
  const [only = ''] = path.split('?', 1);
  const [id = '', action = ''] = only.slice(root.length + 1).split('/');
  return { id: id === '' ? null : id, action: action === '' ? null : action };
}

/** How much a creation's body may come to; null where it is not to be held. */
function sizeOf({ body, headers }: Call): number | null {
  if (body === null || isCoded(headers)) return null;
  return body instanceof Uint8Array ? body.length : (body.lengthBytes ?? bodyBytesMax.batches);
}
