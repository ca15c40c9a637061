import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { RawHeaders } from '../../src/core/call.ts';
import { defaultLimits, defaultReplies } from '../../src/core/limits.ts';
import { seededRandom } from '../../src/core/random.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { isProblem, makeCall } from '../../src/engine/intake.ts';
import { Keyring } from '../../src/queue/keyring.ts';
import { Vault } from '../../src/queue/vault.ts';
import type { ReplySettings } from '../../src/replies/bounds.ts';
import { Replies } from '../../src/replies/replies.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { Store } from '../../src/store/store.ts';
import { CollectReply, type MemoryUpstream, memoryTransport, VirtualClock } from '../../src/testing/index.ts';
import { inlineSqlite } from '../../src/testing/inline-sqlite.ts';
import { json, message, primary } from '../engine/memory-stage.ts';

export const small: ReplySettings = { ...defaultReplies, megabytes: 1 };
export const vault = new Vault(new Uint8Array(32).fill(7));

interface Asking {
  readonly key?: string;
  readonly body?: object;
  readonly deadlineSeconds?: number;
}

/** A gateway's engine over a store that others may share; what one remembers in memory, another does not. */
export function processOn(store: Store, clock: VirtualClock, upstream: MemoryUpstream, seed = 1, settings = small) {
  const random = seededRandom(seed);
  const engine = createEngine({ transport: memoryTransport({ clock, upstream }), primary, clock, random });
  const keyring = new Keyring(vault);
  const identify = keyring.identify.bind(keyring);
  const replies = new Replies({ store, vault, clock, random, identify, settings: () => settings });
  let replying = replies.around(engine);
  /** As a reload does: another engine serves from now on. */
  const reload = () => {
    replying = replies.around(
      createEngine({ transport: memoryTransport({ clock, upstream }), primary, clock, random }),
    );
  };
  const ask = ({ key = 'k', body = {}, deadlineSeconds = 600 }: Asking = {}) => {
    const bytes = Buffer.from(JSON.stringify({ model: 'claude-opus-5', max_tokens: 100, messages: [], ...body }));
    const headers: RawHeaders = ['ridethrough-key', key, 'ridethrough-deadline', String(deadlineSeconds)];
    const caller = { credential: null, token: null };
    const head = { method: 'POST', path: '/v1/messages', headers };
    const call = makeCall(head, bytes, caller, { clock, random, limits: defaultLimits });
    assert.ok(!isProblem(call));
    const reply = new CollectReply();
    return { reply, flow: replying.handle(call, reply) };
  };
  return { ask, replies, reload, drain: () => replying.drain() };
}

export async function openStage(context: TestContext) {
  const clock = new VirtualClock();
  const store = inlineSqlite({ path: ':memory:', clock });
  await migrate(store);
  context.after(() => store.close());
  return { clock, store };
}

/** Answers with a number of its own each time. */
export function counting(
  answers: ((turn: number) => [status: number, body: string])[] = [],
): MemoryUpstream & { count: number } {
  const upstream = Object.assign(
    ((_, respond) => {
      const [status, body] = answers[upstream.count]?.(upstream.count) ?? [
        200,
        message.replace('[]', `[${upstream.count}]`),
      ];
      upstream.count++;
      respond.answer(status, json, body);
    }) as MemoryUpstream,
    { count: 0 },
  );
  return upstream;
}

/** Lets time pass until a reply is over. */
export async function ended(clock: VirtualClock, reply: CollectReply, maxMs = 700_000): Promise<CollectReply> {
  for (let passedMs = 0; passedMs < maxMs && reply.state !== 'ended' && reply.state !== 'destroyed'; passedMs += 100) {
    await clock.advance(100);
  }
  return reply;
}

/** The store as a gateway has it that crashes: from then on it writes nothing, and hears of nothing. */
export function crashable(store: Store) {
  let crashed = false;
  const reachable: Store = {
    ...{ kind: store.kind, hint: () => {}, onHint: () => () => {}, backup: store.backup, close: async () => {} },
    read: (statement) => store.read(statement),
    write: (statements) => (crashed ? new Promise(() => {}) : store.write(statements)),
  };
  const crash = () => {
    crashed = true;
  };
  return { reachable, crash };
}
