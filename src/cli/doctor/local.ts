import { request } from 'undici';
import type { Clock } from '../../core/clock.ts';
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
      const response = await request(`http://127.0.0.1:${port}/healthz`, { signal, reset: true });
      const body = await response.body.text();
      return response.statusCode === 200 && body.includes('ridethrough');
    });
    if (gateway) return ok('port', `${port}: a gateway is running`);
  } catch (error) {
    if (causeOf(error) === 'ECONNREFUSED') return ok('port', `${port} is free`);
  }
  return problem('port', `${port} is in use by another program`, 'start the gateway with `serve --port` and another number');
}
