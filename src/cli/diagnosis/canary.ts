import type { Config, Upstream } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import type { Canary } from '../../diagnosis/verdict.ts';
import { askUpstream, type Look } from '../ask-upstream.ts';
import { causeOf } from '../doctor/check.ts';
import type { KeySetting } from '../environment.ts';

/**
 * Looks at an upstream beside the calls. Every answer tells that the way is open; a 401 for want of a
 * key does too.
 * @param given what to show where the configuration has no key for it; null: nothing
 */
export async function lookAt(
  { name, url, key, auth }: Upstream,
  { proxy }: Pick<Config, 'proxy'>,
  given: KeySetting | null,
  look: Look,
  clock: Clock,
): Promise<Canary> {
  const atMs = clock.now();
  const common = { upstream: name, atMs };
  try {
    const shown = key === null ? given : { value: key, auth };
    const { status, serverMs, totalMs } = await askUpstream(url, look, { key: shown, proxy, clock });
    const clockSkewMs = serverMs === null ? null : serverMs - clock.now();
    return { ...common, status, problem: status < 400 ? null : `status ${status}`, totalMs, clockSkewMs };
  } catch (error) {
    return { ...common, status: null, problem: causeOf(error), totalMs: clock.now() - atMs, clockSkewMs: null };
  }
}
