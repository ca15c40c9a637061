import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { batchesService } from '../../src/cli/batches-service.ts';
import { parseConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/core/clock.ts';
import { defaultQueue, defaultReplies } from '../../src/core/limits.ts';
import { systemRandom } from '../../src/core/random.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { undiciTransport } from '../../src/engine/transport.ts';
import { type Simulator, startSimulator } from '../../src/faults/index.ts';
import { startGateway } from '../../src/gateway/server.ts';
import { parseUpstreamUrl } from '../../src/providers/upstream.ts';

import { openQueue } from '../../src/queue/open-queue.ts';
import { openStore } from '../../src/store/open.ts';

/** A simulator, and a gateway with a queue in a file; closed after the test. */
export async function openQueueStage(
  context: TestContext,
): Promise<{ simulator: Simulator; url: string; client: Anthropic }> {
  const simulator = await startSimulator();
  const data = mkdtempSync(join(tmpdir(), 'ridethrough-queue-'));
  const [clock, random] = [systemClock, systemRandom];
  const store = await openStore({ data, database: null, clock });
  const doors = { keyEnv: null, tokens: new Set<string>() };
  const queue = await openQueue({ store, data, clock, random }, { settings: defaultQueue, doors });
  const service = batchesService({
    ...{ store, queue, clock, random, onEnded: () => {} },
    config: () => ({ expires: defaultQueue.expires, offloadAfter: null, replies: defaultReplies }),
  });
  const config = parseConfig('breaker: {open: 0.2, open_max: 0.2}', 'test.yaml', { env: {}, upstream: simulator.url });
  const address = parseUpstreamUrl(simulator.url);
  if (address === null) throw new Error('the simulator has an http address');
  const transport = undiciTransport({ connect: 10 });
  const gateway = await startGateway({
    port: 0,
    config,
    createEngine: (_, observer) => {
      const primary = { name: 'default', ...address, credential: null, models: new Map<string, string>() };
      const { limits } = config;
      const watch = {
        ...observer,
        attempt: (event: Parameters<NonNullable<typeof observer.attempt>>[0]) => {
          observer.attempt?.(event);
          queue.observer.attempt?.(event);
        },
      };
      const engine = createEngine({ transport, primary, limits, observer: watch, keeper: queue.keeper });
      const kept = queue.use(engine, { settings: defaultQueue, doors });
      return service.serveBy?.(kept, config, engine) ?? kept;
    },
  });
  context.after(async () => {
    await service.close?.();
    await queue.stop();
    await gateway.close();
    await store.close();
    await transport.close();
    await simulator.close();
    rmSync(data, { recursive: true });
  });
  const client = new Anthropic({ apiKey: 'sk-ant-test', baseURL: gateway.url, maxRetries: 0, logLevel: 'off' });
  return { simulator, url: gateway.url, client };
}
