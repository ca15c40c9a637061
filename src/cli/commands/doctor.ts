import { systemClock } from '../../core/clock.ts';
import { defaultPort } from '../../core/limits.ts';
import { jsonOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { checkApi } from '../doctor/api.ts';
import type { Check } from '../doctor/check.ts';
import { ok, skipped } from '../doctor/check.ts';
import { checkConfig, checkNode, checkPort } from '../doctor/local.ts';
import { checkNetwork } from '../doctor/network.ts';
import { checkProxy, proxyInUse } from '../doctor/proxy.ts';
import type { Target } from '../doctor/target.ts';
import { findTarget } from '../doctor/target.ts';
import { paint, print } from '../output.ts';

const colours = { ok: 'green', problem: 'red', skipped: 'dim' } as const;

function line(check: Check): string {
  const advice = check.advice === null ? '' : `: ${check.advice}`;
  return `${paint(colours[check.state], check.state.padEnd(8))} ${check.name.padEnd(7)} ${check.finding}${advice}`;
}

/** What there is nothing to look at for without an upstream. */
const beyond = ['proxy', 'dns', 'tcp', 'tls', 'api', 'clock', 'key'];

/** Yields each finding as soon as it is there, the nearest things first. */
async function* examine(target: Target, configFile: string | null): AsyncGenerator<Check> {
  const { upstream, source, key, proxy, fault } = target;
  const { env } = process;
  yield checkNode(process.version);
  yield checkConfig(configFile, fault, env);
  yield upstream === null ? skipped('target', source) : ok('target', `${upstream.href.replace(/\/$/, '')} (${source})`);
  yield await checkPort(defaultPort, systemClock);
  if (upstream === null) {
    for (const name of beyond) yield skipped(name, 'there is no target: config comes first');
    return;
  }
  yield checkProxy(upstream, env, proxy);
  yield* await checkNetwork(proxyInUse(upstream, env, proxy) ?? upstream, systemClock);
  yield* await checkApi(upstream, key, proxy, systemClock);
}

export const command = defineCommand({
  name: 'doctor',
  options: {
    upstream: {
      kind: 'text',
      value: 'URL|NAME',
      about: `the API to look at (default that of --config; without it ANTHROPIC_BASE_URL, else what \`serve\` uses)`,
    },
    config: { kind: 'text', value: 'FILE', about: 'configuration file to check (default that of your user folder)' },
    json: jsonOption,
  },
  operands: noOperands,
  details:
    'Each line is ok, a problem with what to do about it, or skipped. Nothing is billed and no key is shown.\n' +
    'Exit status 1 when there is a problem.',
  async run({ options }) {
    const file = options.config ?? null;
    const target = findTarget(options.upstream ?? null, file, process.env);
    const checks: Check[] = [];
    for await (const check of examine(target, file)) {
      checks.push(check);
      if (!options.json) print(line(check));
    }
    if (options.json) print(JSON.stringify(checks, null, 2));
    return checks.some((check) => check.state === 'problem') ? 1 : 0;
  },
});
