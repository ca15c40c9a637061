import type { Attempt } from '../../faults/index.ts';
import { allFaults, calm, loadScenario, scenarios, startSimulator } from '../../faults/index.ts';
import { portOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { note, paint, print } from '../output.ts';
import { endSignal, serverStatus } from '../signals.ts';
import { wrap } from '../text.ts';

/** What the list is folded to where it goes to no terminal, in characters. */
const pipeColumns = 100;
/** On a terminal narrower than this leaves, lines run over: a word a line is harder to read. */
const summaryWidthMin = 30;

/** One line about a request: what came, what befell it, what was answered, in what time. */
function attemptLine(attempt: Attempt): string {
  const time = attempt.endedAtMs === null ? '' : `${Math.round(attempt.endedAtMs - attempt.startedAtMs)} ms`;
  const asked = [attempt.model ?? '', attempt.stream ? 'stream' : ''].filter((word) => word !== '').join(' ');
  const fate = attempt.fault === null ? paint('green', 'healthy') : paint('red', attempt.fault);
  const path = attempt.path.replace(/\?.*/, '');
  return `${attempt.index} ${attempt.method} ${path} ${asked} → ${fate} ${attempt.status ?? 'no answer'} ${time}`;
}

/** The same as one line of JSON. Headers and bodies stay out: they hold keys and prompts. */
function attemptJson(attempt: Attempt): string {
  const { index, method, path, model, stream, fault, status, requestId, startedAtMs, endedAtMs } = attempt;
  return JSON.stringify({ index, method, path, model, stream, fault, status, requestId, startedAtMs, endedAtMs });
}

/** Everything that `--faults` understands by name. */
function list(json: boolean): string {
  const faults = allFaults().map(({ name, summary, phase }) => ({ name, phase, summary }));
  if (json) return JSON.stringify({ scenarios: Object.keys(scenarios), faults }, null, 2);
  const nameWidth = Math.max(...faults.map(({ name }) => name.length));
  const phaseWidth = Math.max(...faults.map(({ phase }) => phase.length));
  const indent = ' '.repeat(nameWidth + phaseWidth + 4);
  const summaryWidth = Math.max((process.stdout.columns || pipeColumns) - indent.length, summaryWidthMin);
  const lines = faults.map(({ name, phase, summary }) => {
    const folded = wrap(summary, summaryWidth).join(`\n${indent}`);
    return `${name.padEnd(nameWidth)}  ${phase.padEnd(phaseWidth)}  ${folded}`;
  });
  return [`${paint('bold', 'Scenarios')}: ${Object.keys(scenarios).join(', ')}`, '', ...lines].join('\n');
}

export const command = defineCommand({
  name: 'simulate',
  options: {
    port: portOption(4142),
    faults: { kind: 'text', value: 'FILE|NAME', about: 'scenario, fault or file with one (default: a healthy API)' },
    status: { kind: 'text', value: 'MODE', about: 'how its status page behaves: green, lag:300…', default: 'truthful' },
    seed: { kind: 'whole', value: 'N', about: 'the same seed brings the same faults', min: 0, max: 2 ** 32 - 1 },
    list: { kind: 'switch', about: 'print the names of all scenarios and faults, and end' },
    json: { kind: 'switch', about: 'print each request, or with --list the list, as JSON' },
  },
  operands: noOperands,
  details:
    'Any key is good enough for it. On a terminal, or with --json, it prints a line for each request. Ctrl-C ends it.',
  async run({ options }) {
    if (options.list) {
      print(list(options.json));
      return 0;
    }
    const named = options.faults === undefined ? calm : loadScenario(options.faults);
    const scenario = { ...named, seed: options.seed ?? named.seed };
    const ended = endSignal();
    const line = options.json ? attemptJson : process.stdout.isTTY ? attemptLine : null;
    const log = line === null ? {} : { onAttempt: (attempt: Attempt) => print(line(attempt)) };
    const simulator = await startSimulator({ port: options.port, scenario, status: options.status, ...log });
    const say = options.json ? note : print;
    say(
      `ridethrough simulates the Claude API on ${simulator.url} (${options.faults ?? 'healthy'}, seed ${scenario.seed})`,
    );
    const signal = await ended;
    await simulator.close();
    return serverStatus(signal);
  },
});
