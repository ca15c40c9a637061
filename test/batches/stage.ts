import type { TestContext } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { withBatches } from '../../src/batches/batches-engine.ts';
import { engineFactory } from '../../src/cli/engine.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Caller } from '../../src/core/call.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/faults/index.ts';
import { startGateway } from '../../src/gateway/server.ts';
import { MemoryDesk } from './memory-desk.ts';

export const params = {
  model: 'claude-opus-5-5',
  max_tokens: 30,
  messages: [{ role: 'user' as const, content: 'Tell me about maps.' }],
};

export const requestsOf = (...ids: string[]) => ids.map((custom_id) => ({ custom_id, params }));

export interface BatchStage {
  readonly simulator: Simulator;
  readonly desk: MemoryDesk;
  readonly url: string;
  /** Ids that the list leaves out. */
  readonly hidden: Set<string>;
  /** The official SDK, as a caller with this key. */
  client(apiKey?: string): Anthropic;
}

/** In tests a scope is the caller's key itself. */
const scopeOf = ({ credential, token }: Caller) =>
  token ?? credential?.apiKey?.reveal() ?? credential?.bearer?.reveal() ?? '';

/** A simulator, a queue in memory and a gateway that shows both; closed after the test. */
export async function openBatchStage(
  context: TestContext,
  options: {
    simulator?: SimulatorOptions;
    yaml?: string;
    env?: Record<string, string>;
    deskClock?: Clock;
    upstream?: string;
  } = {},
): Promise<BatchStage> {
  const simulator = await startSimulator({ record: true, ...options.simulator });
  const desk = new MemoryDesk(options.deskClock ?? systemClock);
  const yaml = (options.yaml ?? '').replaceAll('SIMULATOR', simulator.url);
  const upstream = options.yaml?.includes('SIMULATOR') ? null : (options.upstream ?? simulator.url);
  const config = parseConfig(yaml, 'test.yaml', { env: options.env ?? {}, upstream });
  const hidden = new Set<string>();
  const make = engineFactory();
  const gateway = await startGateway({
    port: 0,
    config,
    createEngine: (given, observer) =>
      withBatches({
        engine: make(given, observer),
        desk,
        identify: (caller) => ({ scope: scopeOf(caller), credential: 'caller:test' }),
        hidden: async () => hidden,
        clock: systemClock,
        random: systemRandom,
        expiresInMs: () => 86_400_000,
      }),
  });
  context.after(async () => {
    await gateway.close();
    await simulator.close();
  });
  const client = (apiKey = 'sk-ant-test') =>
    new Anthropic({ apiKey, baseURL: gateway.url, maxRetries: 0, logLevel: 'off' });
  return { simulator, desk, hidden, url: gateway.url, client };
}
