import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Anthropic } from '@anthropic-ai/sdk';
import { RidethroughError } from '../../core/errors.ts';
import type { Simulator } from '../../faults/index.ts';
import { startSimulator } from '../../faults/index.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { demoConfig } from './storm.ts';

/** One way to an API: what drives it, and the API at its end. */
export interface Side {
  readonly name: string;
  /** The official client as its makers ship it; only its address and its silence are set. */
  readonly client: Anthropic;
  readonly api: Simulator;
}

/** Everything that runs for the demo: two APIs, and a gateway before one of them. */
export interface Stage {
  readonly direct: Side;
  readonly through: Side;
  readonly gateway: GatewayProcess;
  /** Called when the API behind the gateway has broken a connection. */
  onBreak: () => void;
  close(): Promise<void>;
}

/** The official SDK is no dependency of the package: the demo is run from a checkout. */
async function loadSdk(): Promise<typeof Anthropic> {
  try {
    return (await import('@anthropic-ai/sdk')).Anthropic;
  } catch (cause) {
    const message = 'The demo drives the official SDK: install it with `npm install @anthropic-ai/sdk`.';
    throw new RidethroughError('invalid_usage', message, { cause });
  }
}

/**
 * Starts all of it, in calm weather.
 * @throws RidethroughError `invalid_usage` where the official SDK is not installed
 */
export async function setStage(): Promise<Stage> {
  const Sdk = await loadSdk();
  // The key is named, so that the user's own cannot get in here. What the SDK cannot read it tells the
  // console at length, besides throwing: that would tear the progress apart.
  const clientOf = (baseURL: string) => new Sdk({ baseURL, apiKey: 'sk-ant-demo', authToken: null, logLevel: 'off' });
  let stage: Stage | null = null;
  const [direct, behind] = await Promise.all([
    startSimulator(),
    startSimulator({ onAttempt: ({ end }) => end === 'broken' && stage?.onBreak() }),
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-demo-'));
  const config = join(folder, 'ridethrough.yaml');
  // JSON is YAML, too.
  writeFileSync(config, JSON.stringify(demoConfig));
  const closeSimulators = async () => {
    await Promise.all([direct.close(), behind.close()]);
    rmSync(folder, { recursive: true });
  };
  try {
    const places = ['--config', config, '--data', join(folder, 'data')];
    const gateway = await startGatewayProcess(['--port', '0', '--upstream', behind.url, ...places]);
    stage = {
      direct: { name: 'the SDK alone', client: clientOf(direct.url), api: direct },
      through: { name: 'through Ridethrough', client: clientOf(gateway.url), api: behind },
      gateway,
      onBreak: () => {},
      async close() {
        await gateway.stop();
        await closeSimulators();
      },
    };
    return stage;
  } catch (error) {
    await closeSimulators();
    throw error;
  }
}
