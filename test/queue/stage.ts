import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Call, Caller, RawHeaders } from '../../src/core/call.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { AttemptEvent } from '../../src/core/events.ts';
import type { QueueSettings } from '../../src/core/limits.ts';
import { defaultLimits, defaultQueue } from '../../src/core/limits.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import type { Transport } from '../../src/core/transport.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { makeCall } from '../../src/engine/intake.ts';
import { openQueue, type Queue } from '../../src/queue/open-queue.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { Store } from '../../src/store/store.ts';
import { CollectReply } from '../../src/testing/collect-reply.ts';
import { inlineSqlite } from '../../src/testing/inline-sqlite.ts';

export const upstream = {
  name: 'default',
  origin: 'http://upstream',
  basePath: '',
  credential: null,
  models: new Map<string, string>(),
};
const local: Caller = { credential: null, token: null };

export interface StageOptions {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly seed?: number;
  /** Default an empty one in memory. */
  readonly store?: Store;
  /** Default a folder of the test's own. */
  readonly data?: string;
  readonly settings?: Partial<QueueSettings>;
  readonly attempt?: (event: AttemptEvent) => void;
}

/** A gateway without sockets: an engine with a queue behind it. */
export interface Stage {
  readonly store: Store;
  readonly queue: Queue;
  readonly engine: Engine;
  readonly random: Random;
  readonly data: string;
  /** Sends a call of the Messages API. */
  send(headers?: RawHeaders, more?: { body?: string; caller?: Caller }): { call: Call; reply: CollectReply };
}

/** A folder that is gone after the test. */
export function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-queue-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An empty store in memory, in the time of a virtual clock. */
export async function memoryStore(clock: Clock): Promise<Store> {
  const store = inlineSqlite({ path: ':memory:', clock });
  await migrate(store);
  return store;
}

const plainBody = '{"model":"claude-opus-5-5","max_tokens":100,"messages":[]}';

export async function openStage(t: TestContext, options: StageOptions): Promise<Stage> {
  const { clock, transport } = options;
  const random = seededRandom(options.seed ?? 1);
  const store = options.store ?? (await memoryStore(clock));
  const data = options.data ?? folderOf(t);
  const config = {
    settings: { ...defaultQueue, ...options.settings },
    doors: { keyEnv: null, tokens: new Set<string>() },
  };
  const queue = await openQueue({ store, data, clock, random }, config);
  const scouted = createEngine({
    transport,
    primary: upstream,
    clock,
    random,
    keeper: queue.keeper,
    observer: {
      attempt: (event) => {
        queue.observer.attempt?.(event);
        options.attempt?.(event);
      },
    },
  });
  const engine = queue.use(scouted, config);
  const send: Stage['send'] = (headers = [], { body = plainBody, caller = local } = {}) => {
    const head = { method: 'POST', path: '/v1/messages', headers: ['content-type', 'application/json', ...headers] };
    const call = makeCall(head, Buffer.from(body), caller, { clock, random, limits: defaultLimits });
    if ('status' in call) throw new Error(call.message);
    const reply = new CollectReply();
    engine.handle(call, reply);
    return { call, reply };
  };
  return { store, queue, engine, random, data, send };
}
