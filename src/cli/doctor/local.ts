import { existsSync } from 'node:fs';
import { request } from 'undici';
import type { Environment } from '../../config/config.ts';
import { defaultConfigPath } from '../../config/load.ts';
import type { Clock } from '../../core/clock.ts';
import type { RidethroughError } from '../../core/errors.ts';
import type { Check } from './check.ts';
import { bounded, causeOf, ok, problem } from './check.ts';

/** The oldest Node that runs the package, as in its manifest. */
const nodeMin = [22, 19] as const;

/** Looks at the version of Node, `v24.21.0`. */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number);
  if (major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1])) return ok('node', version);
  return problem('node', version, `install Node ${nodeMin.join('.')} or newer`);
}

/** Looks at who answers on the gateway's port of this machine. */
export async function checkPort(port: number, clock: Clock): Promise<Check> {
  try {
    const gateway = await bounded(clock, async (signal) => {
      // No such page anywhere; but a gateway signs its refusals.
      const response = await request(`http://127.0.0.1:${port}/`, { signal, reset: true });
      await response.body.dump();
      return response.headers['ridethrough-origin'] === 'gateway';
    });
    if (gateway) return ok('port', `${port}: a gateway is running`);
  } catch (error) {
    if (causeOf(error) === 'ECONNREFUSED') return ok('port', `${port} is free`);
  }
  return problem(
    'port',
    `${port} is in use by another program`,
    'start the gateway with `serve --port` and another number',
  );
}

/**
 * Looks at the configuration file: `path`, or the one in the user's folder, which need not exist.
 * @param fault why it could not be loaded; null when it could
 */
export function checkConfig(path: string | null, fault: RidethroughError | null, env: Environment): Check {
  const file = path ?? defaultConfigPath(env);
  if (fault !== null) {
    const command = ['ridethrough config check', ...(path === null ? [] : [path])].join(' ');
    return problem('config', fault.message.replace(/\.$/, ''), `then try \`${command}\``);
  }
  if (path === null && !existsSync(file)) return ok('config', 'there is no file, which is fine');
  return ok('config', `${file} is valid`);
}
