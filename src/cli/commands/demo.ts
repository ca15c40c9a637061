import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Anthropic } from '@anthropic-ai/sdk';
import { systemClock } from '../../core/clock.ts';
import { RidethroughError } from '../../core/errors.ts';
import { seededRandom, systemRandom } from '../../core/random.ts';
import type { Simulator } from '../../faults/index.ts';
import { startSimulator } from '../../faults/index.ts';
import { jsonOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { models, planCalls } from '../demo/calls.ts';
import type { GatewayProcess } from '../demo/gateway-process.ts';
import { startGatewayProcess } from '../demo/gateway-process.ts';
import { Lane } from '../demo/lane.ts';
import { showProgress } from '../demo/progress.ts';
import { report } from '../demo/report.ts';
import { callsPerSecond, demoConfig, demoStorm, patienceMs } from '../demo/storm.ts';
import type { Tally } from '../demo/tally.ts';
import { tally } from '../demo/tally.ts';
import { note, print } from '../output.ts';
import { endSignal, statusOf } from '../signals.ts';

/** The official SDK is no dependency of the package: the demo is run from a checkout. */
async function loadSdk(): Promise<typeof Anthropic> {
  try {
    return (await import('@anthropic-ai/sdk')).Anthropic;
  } catch (cause) {
    const message = 'The demo drives the official SDK: install it with `npm install @anthropic-ai/sdk`.';
    throw new RidethroughError('invalid_usage', message, { cause });
  }
}

/** Everything that runs for the demo: two APIs in the same storm, and a gateway before one of them. */
interface Stage {
  readonly direct: Simulator;
  readonly behind: Simulator;
  readonly gateway: GatewayProcess;
  close(): Promise<void>;
}

async function setStage(): Promise<Stage> {
  const [direct, behind] = await Promise.all([startSimulator(), startSimulator()]);
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-demo-'));
  const config = join(folder, 'ridethrough.yaml');
  // JSON is YAML, too.
  writeFileSync(config, JSON.stringify(demoConfig));
  const closeSimulators = async () => {
    await Promise.all([direct.close(), behind.close()]);
    rmSync(folder, { recursive: true });
  };
  try {
    const gateway = await startGatewayProcess(['--port', '0', '--upstream', behind.url, '--config', config]);
    const close = async () => {
      await gateway.stop();
      await closeSimulators();
    };
    return { direct, behind, gateway, close };
  } catch (error) {
    await closeSimulators();
    throw error;
  }
}

interface Storm {
  readonly calls: number;
  readonly seed: number;
}

/** The calm before the storm: a key that has worked once is known to be good, when a 401 says otherwise. */
async function warmUp(client: Anthropic): Promise<void> {
  for (const model of models) {
    await client.messages.create({ model, max_tokens: 16, messages: [{ role: 'user', content: 'Are you there?' }] });
  }
}

/** Drives both lanes through the same storm at the same time. */
async function drive(stage: Stage, storm: Storm, out: NodeJS.WriteStream, signal: AbortSignal): Promise<Tally[]> {
  const Sdk = await loadSdk();
  const durationMs = (storm.calls / callsPerSecond) * 1000;
  const calls = planCalls(storm.calls, seededRandom(storm.seed));
  const lanes = [
    { name: 'the SDK alone', api: stage.direct, baseURL: stage.direct.url },
    { name: 'through Ridethrough', api: stage.behind, baseURL: stage.gateway.url },
  ].map(({ name, api, baseURL }) => {
    // Named, so that the user's own key cannot get in here.
    const client = new Sdk({ baseURL, apiKey: 'sk-ant-demo', authToken: null });
    const options = { client, calls, durationMs, patienceMs: patienceMs + durationMs, clock: systemClock };
    return { name, api, client, lane: new Lane({ name, ...options }) };
  });
  await Promise.all(lanes.map(({ client }) => warmUp(client)));
  const calmRequests = stage.direct.count();
  for (const { api } of lanes) api.setScenario(demoStorm(storm.seed, durationMs));
  const stopShowing = showProgress(() => lanes.map(({ lane }) => lane.progress), out, systemClock);
  try {
    return await Promise.all(
      lanes.map(async ({ name, api, lane }) => {
        const ends = await lane.run(signal);
        const faulted = api.count((attempt) => attempt.fault !== null);
        return tally(name, ends, api.count() - calmRequests, faulted);
      }),
    );
  } finally {
    stopShowing();
  }
}

function introduction({ calls, seed }: Storm): string {
  return [
    `${calls} calls by the official SDK, with its makers' defaults, through a storm (seed ${seed}): 30 % of all requests`,
    'meet a fault, one model is down for a fifth of the time, every second call may fall back to another model.',
    'Waits are compressed. No key is needed: the API is simulated, on this machine.',
    '',
  ].join('\n');
}

export const command = defineCommand({
  name: 'demo',
  options: {
    calls: { kind: 'whole', value: 'N', about: 'calls to make in each lane', min: 1, max: 10_000, default: 1200 },
    seed: {
      kind: 'whole',
      value: 'N',
      about: 'the same seed brings the same storm (default: by chance)',
      min: 0,
      max: 2 ** 32 - 1,
    },
    json: jsonOption,
  },
  operands: noOperands,
  details:
    'Exit status 0 means that every call through the gateway came back whole. On a terminal the gateway and\n' +
    'the simulated API stay up afterwards, until Ctrl-C.',
  async run({ options }) {
    const storm = { calls: options.calls, seed: options.seed ?? Math.floor(systemRandom.next() * 2 ** 32) };
    const interrupted = new AbortController();
    const ended = endSignal().then((signal) => {
      interrupted.abort();
      return signal;
    });
    const stage = await setStage();
    try {
      const tell = options.json ? note : print;
      tell(introduction(storm));
      const tallies = await drive(stage, storm, options.json ? process.stderr : process.stdout, interrupted.signal);
      if (interrupted.signal.aborted) return statusOf(await ended);
      const whole = tallies.at(-1)?.whole === storm.calls;
      print(options.json ? JSON.stringify({ ...storm, whole, lanes: tallies }, null, 2) : `\n${report(tallies)}`);
      if (process.stdout.isTTY && !options.json) {
        print(`\nStill up until Ctrl-C, in the same storm. Try both:`);
        print(`  ANTHROPIC_BASE_URL=${stage.gateway.url}   through the gateway`);
        print(`  ANTHROPIC_BASE_URL=${stage.direct.url}   directly`);
        await ended;
      }
      return whole ? 0 : 1;
    } finally {
      await stage.close();
    }
  },
});
