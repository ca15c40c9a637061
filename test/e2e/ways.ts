import type { TestContext } from 'node:test';
import Anthropic, { type Middleware } from '@anthropic-ai/sdk';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/faults/index.ts';
import { ridethrough } from '../../src/index.ts';
import { openGateway } from '../conformance/stage.ts';

/** How a client reaches the engine. Only the SDK of the API's makers takes a middleware. */
export const ways = ['gateway', 'fetch', 'middleware'] as const;
export type Way = (typeof ways)[number];

/** What a client is told, beside its key and that it shall not retry by itself. */
export interface Reach {
  readonly baseURL: string;
  readonly fetch?: typeof fetch;
  readonly middleware?: Middleware[];
}

/** What befalls the first attempts of a call, in turn; those after them are healthy. */
export interface Script {
  readonly faults: readonly string[];
  /** Only a stream is watched for silence; for an answer in one piece its caller's patience is the bound. */
  readonly streamOnly?: true;
}

export const scripts: readonly Script[] = [
  { faults: [] },
  { faults: ['overloaded', 'overloaded'] },
  { faults: ['internal-error', 'unavailable-text'] },
  { faults: ['rate-limited'] },
  { faults: ['error-first-event'] },
  { faults: ['error-after-message-start'] },
  { faults: ['error-under-200', 'empty-200', 'html-200'] },
  { faults: ['html-edge-page'] },
  { faults: ['reset-before-head'] },
  { faults: ['reset-after-head'] },
  { faults: ['refuse'] },
  { faults: ['hang-before-head'], streamOnly: true },
  { faults: ['stall-after-head'], streamOnly: true },
  { faults: ['pings-only'], streamOnly: true },
];

/** Short enough to be waited for, long enough for a busy machine to answer in. */
const timeouts = { first_byte: 1, idle: 1, progress: 1 };
const retry = { base: 0.001, cap: 0.001 };

/** A simulator that keeps what it is asked, and the way to it; both closed after the test. */
export async function openWay(
  context: TestContext,
  way: Way,
  options: Partial<SimulatorOptions> = {},
): Promise<{ simulator: Simulator; reach: Reach }> {
  const waits = { retryAfterSeconds: 0.01, pingMs: 20 };
  const simulator = await startSimulator({ record: true, ...options, scenario: { waits, ...options.scenario } });
  context.after(() => simulator.close());
  if (way === 'gateway') {
    const { gateway, close } = await openGateway(simulator.url, { timeouts, retry });
    context.after(() => close());
    return { simulator, reach: { baseURL: gateway.url } };
  }
  const ride = ridethrough({ timeouts, retry });
  context.after(() => ride.close());
  const reach = way === 'fetch' ? { fetch: ride.fetch } : { middleware: [ride.middleware] };
  return { simulator, reach: { baseURL: simulator.url, ...reach } };
}

/** The SDK as its makers ship it. @param maxRetries of its own; default none */
export function clientOf(reach: Reach, maxRetries = 0): Anthropic {
  return new Anthropic({ apiKey: 'sk-ant-test', maxRetries, logLevel: 'off', ...reach });
}

/** The bodies of the Messages requests that were answered well, in order. */
export function answeredBodies(simulator: Simulator): Uint8Array[] {
  const answered = simulator.attempts.filter(({ fault, status }) => fault === null && status === 200);
  return answered.map(({ body }) => body ?? new Uint8Array());
}
