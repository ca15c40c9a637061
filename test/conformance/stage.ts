import { parseConfig } from '../../src/config/load.ts';
import type { Observer } from '../../src/core/events.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { undiciTransport } from '../../src/engine/transport.ts';
import { type Gateway, startGateway } from '../../src/gateway/server.ts';
import { parseUpstreamUrl, type Upstream } from '../../src/providers/upstream.ts';
import type { RidethroughOptions } from '../../src/sdk/options.ts';
import { ridethrough } from '../../src/sdk/ridethrough.ts';

/** The ways in: what is true of one must be true of the other. */
export const doors = ['gateway', 'fetch'] as const;
export type DoorName = (typeof doors)[number];

/** Options that the configuration file and the library name alike. */
export type StageOptions = Pick<
  RidethroughOptions,
  'timeouts' | 'retry' | 'budget' | 'breaker' | 'fallback' | 'observer'
>;

/** What a caller saw of its answer. */
export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  /** False: the connection broke before the body had ended. */
  readonly whole: boolean;
}

/** A door with an engine behind it, in front of an upstream. */
export interface Stage {
  /** Sends a request and reads its answer to the end, come what may. */
  send(request: { path?: string; headers?: Record<string, string>; body: string }): Promise<Seen>;
  close(): Promise<void>;
}

/** A gateway on a free port whose engine is at hand. */
export interface GatewayStage {
  readonly gateway: Gateway;
  readonly engine: Engine;
  close(): Promise<void>;
}

const key = { 'x-api-key': 'sk-ant-test', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };

export async function openStage(door: DoorName, upstreamUrl: string, options: StageOptions = {}): Promise<Stage> {
  if (door === 'fetch') {
    const ride = ridethrough(options);
    return { send: (request) => sendBy(ride.fetch, upstreamUrl, request), close: () => ride.close() };
  }
  const stage = await openGateway(upstreamUrl, options);
  return { send: (request) => sendBy(fetch, stage.gateway.url, request), close: stage.close };
}

/** @param options in the words of the configuration file */
export async function openGateway(upstreamUrl: string, options: StageOptions = {}): Promise<GatewayStage> {
  const { observer = {}, ...file } = options;
  const config = parseConfig(JSON.stringify(file), 'test.yaml', { env: {}, upstream: upstreamUrl });
  const transport = undiciTransport({ connect: config.limits.timeouts.connect });
  const watch: Observer = observer;
  const engine = createEngine({
    transport,
    primary: upstreamAt(upstreamUrl),
    fallback: config.fallback,
    limits: config.limits,
    observer: watch,
  });
  const gateway = await startGateway({ port: 0, config, createEngine: () => engine });
  const close = async () => {
    await gateway.close();
    await transport.close();
  };
  return { gateway, engine, close };
}

function upstreamAt(url: string): Upstream {
  const address = parseUpstreamUrl(url);
  if (address === null) throw new Error(`${url} is no http address`);
  return { name: 'default', ...address, credential: null, models: new Map() };
}

async function sendBy(
  fetchIt: typeof fetch,
  url: string,
  request: { path?: string; headers?: Record<string, string>; body: string },
): Promise<Seen> {
  const { path = '/v1/messages', headers = {}, body } = request;
  const response = await fetchIt(`${url}${path}`, { method: 'POST', headers: { ...key, ...headers }, body });
  const chunks: Uint8Array[] = [];
  let whole = true;
  try {
    for await (const chunk of response.body ?? []) chunks.push(chunk);
  } catch {
    whole = false;
  }
  return { status: response.status, headers: response.headers, body: Buffer.concat(chunks), whole };
}
