import assert from 'node:assert/strict';
import { defaultLimits } from '../../src/core/limits.ts';
import { seededRandom } from '../../src/core/random.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { isProblem, makeCall } from '../../src/engine/intake.ts';
import { CollectReply, memoryTransport, type VirtualClock } from '../../src/testing/index.ts';
import { primary } from '../engine/memory-stage.ts';
import { itemOf } from '../queue/fixtures.ts';
import type { VirtualApi } from './virtual-api.ts';

/** Asks an engine for something, as a caller of the same account. */
async function ask(engine: Engine, clock: VirtualClock, path: string, body: object): Promise<void> {
  const caller = { credential: null, trusted: true, token: null };
  const deps = { clock, random: seededRandom(6), limits: defaultLimits };
  const call = makeCall({ method: 'POST', path, headers: [] }, Buffer.from(JSON.stringify(body)), caller, deps);
  assert.ok(!isProblem(call));
  engine.handle(call, new CollectReply());
  await clock.advance(100);
}

/** Somebody else makes a batch of two. */
export async function makeAnother(api: VirtualApi, clock: VirtualClock): Promise<void> {
  const other = createEngine({
    transport: memoryTransport({ clock, upstream: api.upstream }),
    primary,
    clock,
    random: seededRandom(5),
  });
  const requests = ['x', 'y'].map((id) => ({
    custom_id: id,
    params: JSON.parse(Buffer.from(itemOf(id).body).toString()),
  }));
  await ask(other, clock, '/v1/messages/batches', { requests });
}
