import { anthropicUrl } from '../../config/resolve.ts';
import { systemClock } from '../../core/clock.ts';
import { RidethroughError } from '../../core/errors.ts';
import { parseUpstreamUrl } from '../../providers/upstream.ts';
import { jsonOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { checkApi } from '../doctor/api.ts';
import type { Check } from '../doctor/check.ts';
import { checkConfig, checkNode, checkPort } from '../doctor/local.ts';
import { checkNetwork } from '../doctor/network.ts';
import { checkProxy, proxyInUse } from '../doctor/proxy.ts';
import { defaultPort, upstreamFromEnvironment } from '../environment.ts';
import { paint, print } from '../output.ts';

const colours = { ok: 'green', problem: 'red', skipped: 'dim' } as const;

function line(check: Check): string {
  const advice = check.advice === null ? '' : `: ${check.advice}`;
  return `${paint(colours[check.state], check.state.padEnd(8))} ${check.name.padEnd(7)} ${check.finding}${advice}`;
}

function parseAddress(address: string): URL {
  if (parseUpstreamUrl(address) !== null) return new URL(address);
  throw new RidethroughError('invalid_usage', `"${address}" is no address: write it as ${anthropicUrl}.`);
}

/** Yields each finding as soon as it is there, the nearest things first. */
async function* examine(upstream: URL, configFile: string | null): AsyncGenerator<Check> {
  const { env } = process;
  yield checkNode(process.version);
  yield checkConfig(configFile, env);
  yield await checkPort(defaultPort, systemClock);
  yield checkProxy(upstream, env);
  yield* await checkNetwork(proxyInUse(upstream, env) ?? upstream, systemClock);
  yield* await checkApi(upstream, env, systemClock);
}

export const command = defineCommand({
  name: 'doctor',
  options: {
    upstream: {
      kind: 'text',
      value: 'URL',
      about: `the API to look at (default ANTHROPIC_BASE_URL or ${anthropicUrl})`,
    },
    config: { kind: 'text', value: 'FILE', about: 'configuration file to check (default that of your user folder)' },
    json: jsonOption,
  },
  operands: noOperands,
  details:
    'Each line is ok, a problem with what to do about it, or skipped. Nothing is billed and no key is shown.\n' +
    'Exit status 1 when there is a problem.',
  async run({ options }) {
    const fromEnvironment = upstreamFromEnvironment(process.env, defaultPort);
    const upstream = parseAddress(options.upstream ?? fromEnvironment ?? anthropicUrl);
    const checks: Check[] = [];
    for await (const check of examine(upstream, options.config ?? null)) {
      checks.push(check);
      if (!options.json) print(line(check));
    }
    if (options.json) print(JSON.stringify(checks, null, 2));
    return checks.some((check) => check.state === 'problem') ? 1 : 0;
  },
});
