import { systemClock } from '../../core/clock.ts';
import { seededRandom, systemRandom } from '../../core/random.ts';
import type { Scenario, Simulator } from '../../faults/index.ts';
import { findFault, loadScenario } from '../../faults/index.ts';
import { jsonOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { models, planCalls } from '../demo/calls.ts';
import { showHealing } from '../demo/healing.ts';
import { Lane } from '../demo/lane.ts';
import { showProgress } from '../demo/progress.ts';
import { addedSince, readRecovered } from '../demo/recovered.ts';
import { report } from '../demo/report.ts';
import type { Side, Stage } from '../demo/stage.ts';
import { setStage } from '../demo/stage.ts';
import { callsPerSecond, demoStorm, patienceMs } from '../demo/storm.ts';
import type { ApiCounts, Tally } from '../demo/tally.ts';
import { tally } from '../demo/tally.ts';
import { columnsOf } from '../demo/word-writer.ts';
import { note, print } from '../output.ts';
import { abortOnEnd, statusOf } from '../signals.ts';
import { wrap } from '../text.ts';

interface Storm {
  readonly calls: number;
  readonly seed: number;
  readonly scenario: Scenario;
}

/** The calm before the storm: a key that has worked once is known to be good, when a 401 says otherwise. */
async function warmUp({ client, api }: Side): Promise<void> {
  api.setScenario({});
  for (const model of models) {
    await client.messages.create({ model, max_tokens: 16, messages: [{ role: 'user', content: 'Are you there?' }] });
  }
}

/** What reached an API after its first `before` requests. */
function countsSince(before: number, api: Simulator): ApiCounts {
  const faults = api.attempts.flatMap(({ index, fault }) => (index > before && fault !== null ? [fault] : []));
  const midStream = faults.filter((name) => findFault(name)?.phase === 'mid-stream').length;
  return { attempts: api.count() - before, faulted: faults.length, midStream };
}

/** Drives both lanes through the same storm at the same time. */
async function drive(stage: Stage, storm: Storm, out: NodeJS.WriteStream, signal: AbortSignal): Promise<Tally[]> {
  const durationMs = (storm.calls / callsPerSecond) * 1000;
  const calls = planCalls(storm.calls, seededRandom(storm.seed));
  const lanes = [stage.direct, stage.through].map((side) => {
    const { name, client } = side;
    const options = { client, calls, durationMs, patienceMs: patienceMs + durationMs, clock: systemClock };
    return { side, lane: new Lane({ name, ...options }) };
  });
  await Promise.all(lanes.map(({ side }) => warmUp(side)));
  const recovered = await readRecovered(stage.gateway.url);
  for (const { side } of lanes) side.api.setScenario(demoStorm(storm.scenario, storm.seed, durationMs));
  const stopShowing = showProgress(() => lanes.map(({ lane }) => lane.progress), out, systemClock);
  try {
    return await Promise.all(
      lanes.map(async ({ side, lane }) => {
        const before = side.api.count();
        const ends = await lane.run(signal);
        const helped = side === stage.through ? addedSince(recovered, await readRecovered(stage.gateway.url)) : [];
        return tally(side.name, ends, countsSince(before, side.api), helped);
      }),
    );
  } finally {
    stopShowing();
  }
}

function introduction({ calls, seed, scenario }: Storm, faults: string, columns: number): string {
  const rate = Math.round(100 * scenario.rate);
  const text =
    `Now ${calls} calls by the official SDK, with its makers' defaults, in the weather ${faults} (seed ${seed}): ${rate} % ` +
    'of all requests meet a fault, one model is down for a fifth of the time, every second call may fall back to another ' +
    'model. Waits are compressed. No key is needed: the API is simulated, on this machine.';
  return [...wrap(text, columns), ''].join('\n');
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
    faults: {
      kind: 'text',
      value: 'FILE|NAME',
      about: 'scenario that the faults are drawn from; `storm` has none in the middle of answers',
      default: 'storm-with-cuts',
    },
    json: jsonOption,
  },
  operands: noOperands,
  details:
    'Exit status 0 means that every call through the gateway came back whole. On a terminal the gateway and\n' +
    'the simulated API stay up afterwards, until Ctrl-C.',
  async run({ options }) {
    const scenario = loadScenario(options.faults);
    const seed = options.seed ?? Math.floor(systemRandom.next() * 2 ** 32);
    // Whoever closes the terminal must not leave a gateway behind.
    const interrupt = abortOnEnd(['SIGINT', 'SIGTERM', 'SIGHUP']);
    try {
      const whole = await play({ calls: options.calls, seed, scenario }, options, interrupt);
      if (whole !== null) return whole ? 0 : 1;
    } catch (error) {
      // Ctrl-C in a terminal ends the gateway too: that it is gone is no failure then.
      if (!interrupt.signal.aborted) throw error;
    }
    return statusOf(await interrupt.ended);
  },
});

/** @returns whether every answer through the gateway was whole; null where it was interrupted before that was known */
async function play(
  storm: Storm,
  { faults, json }: { readonly faults: string; readonly json: boolean },
  { signal, ended }: ReturnType<typeof abortOnEnd>,
): Promise<boolean | null> {
  const { calls, seed } = storm;
  const out = json ? process.stderr : process.stdout;
  const stage = await setStage();
  try {
    const healed = await showHealing(stage, seededRandom(seed), out, signal);
    if (signal.aborted) return null;
    (json ? note : print)(introduction(storm, faults, columnsOf(out)));
    const lanes = await drive(stage, storm, out, signal);
    if (signal.aborted) return null;
    const whole = healed && lanes.at(-1)?.whole === calls;
    print(json ? JSON.stringify({ calls, seed, whole, healed, lanes }, null, 2) : `\n${report(lanes)}`);
    if (process.stdout.isTTY && !json) {
      print(`\nStill up until Ctrl-C, in the same storm. Try both:`);
      print(`  ANTHROPIC_BASE_URL=${stage.gateway.url}   through the gateway`);
      print(`  ANTHROPIC_BASE_URL=${stage.direct.api.url}   directly`);
      await ended;
    }
    return whole;
  } finally {
    await stage.close();
  }
}
