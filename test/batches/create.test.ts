import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withBatches } from '../../src/batches/batches-engine.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { seededRandom } from '../../src/core/random.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { isProblem, makeCall } from '../../src/engine/intake.ts';
import { CollectReply, memoryTransport, VirtualClock } from '../../src/testing/index.ts';
import { primary } from '../engine/memory-stage.ts';
import { MemoryDesk } from './memory-desk.ts';
import { requestsOf } from './stage.ts';
import { type Mishap, VirtualApi } from './virtual-api.ts';

const root = '/v1/messages/batches';

/** The Batches API before a simulated upstream, in virtual time. */
function openStage() {
  const clock = new VirtualClock();
  const random = seededRandom(4);
  const api = new VirtualApi(clock, { endMs: 60_000, expiryMs: 86_400_000 });
  const engine = createEngine({
    transport: memoryTransport({ clock, upstream: api.upstream }),
    primary,
    clock,
    random,
  });
  const desk = new MemoryDesk(clock);
  const hidden = new Set<string>();
  const batches = withBatches({
    ...{ engine, desk, clock, random, hidden: async () => hidden, expiresInMs: () => 86_400_000 },
    identify: () => ({ scope: 'local', credential: 'none' }),
  });
  /** Begins a creation, to which this happens at the upstream. */
  const createBy = (by: Engine, mishap: Mishap, customIds: readonly string[]) => {
    api.mishap = ({ method }) => (method === 'POST' ? mishap : null);
    const head = { method: 'POST', path: root, headers: ['content-type', 'application/json'] };
    const body = Buffer.from(JSON.stringify({ requests: requestsOf(...customIds) }));
    const call = makeCall(head, body, { credential: null, token: null }, { clock, random, limits: defaultLimits });
    assert.ok(!isProblem(call));
    const reply = new CollectReply();
    return { reply, flow: by.handle(call, reply) };
  };
  const create = (mishap: Mishap, ...customIds: string[]) => createBy(batches, mishap, customIds);
  /** A creation that none of the callers asked for, as offload makes them. */
  const offload = (...customIds: string[]) => createBy(engine, null, customIds);
  /** The id that a creation is answered with. */
  const created = async (mishap: Mishap, ...customIds: string[]) => {
    const { reply } = create(mishap, ...customIds);
    await clock.advance(60_000);
    return String(JSON.parse(reply.text()).id);
  };
  return { clock, api, desk, hidden, create, created, offload };
}

test('a creation that was cut off is not taken for the batch of another caller, of the same size', async () => {
  const { desk, created } = openStage();
  const theirs = await created(null, 'a', 'b');
  const ours = await created('cut', 'c', 'd');
  assert.notEqual(ours, theirs);
  assert.deepEqual([...desk.kept.keys()], [ours]);
});

test('a creation that was cut off is not taken for a batch of offloaded work', async () => {
  const { clock, desk, hidden, created, offload } = openStage();
  const { reply } = offload('a');
  await clock.advance(1_000);
  hidden.add(String(JSON.parse(reply.text()).id));
  assert.deepEqual([await created('cut', 'b')], [...desk.kept.keys()]);
});

test('a caller that left while its creation was in doubt leaves nothing in the queue', async () => {
  for (const leftAfterMs of [1, 1_000]) {
    const { clock, desk, create } = openStage();
    const { flow } = create('cut', 'a');
    await clock.advance(leftAfterMs);
    flow.abort();
    await clock.advance(60_000);
    assert.equal(desk.kept.size, 0, `left after ${leftAfterMs} ms`);
  }
});

test('a creation in doubt is answered soon where the list of batches cannot be had either', async () => {
  const { clock, api, desk, create } = openStage();
  const { reply } = create('cut', 'a');
  api.mishap = ({ method }) => (method === 'POST' ? 'cut' : 'down');
  await clock.advance(15_000);
  // It may exist, so it is not queued: the error is the caller's.
  assert.equal(reply.status, 502);
  assert.equal(desk.kept.size, 0);
});
