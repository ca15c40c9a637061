import type { Clock } from '../../core/clock.ts';
import { span } from '../../core/duration.ts';
import { askUpstream, type LookAnswer } from '../ask-upstream.ts';
import { isMisshapen, type KeySetting } from '../environment.ts';
import { type Check, causeOf, ok, problem, skipped } from './check.ts';

/** A clock that is off by more than this makes nonsense of certificates and of dates in `retry-after`. */
const skewMsMax = 60_000;

function checkClock({ serverMs }: LookAnswer, nowMs: number): Check {
  if (serverMs === null) return skipped('clock', 'the upstream sent no date');
  const skewMs = nowMs - serverMs;
  if (Math.abs(skewMs) <= skewMsMax) return ok('clock', `within ${skewMsMax / 1000} s of the upstream's`);
  const direction = skewMs > 0 ? 'ahead' : 'behind';
  return problem(
    'clock',
    `${span(Math.abs(skewMs))} ${direction} of the upstream's`,
    'set the time, or switch on time synchronisation',
  );
}

function checkKey(variable: string, answer: LookAnswer): Check {
  if (answer.status === 401) {
    return problem(
      'key',
      `${variable} was refused (401)`,
      'check that it is whole, active and meant for this upstream',
    );
  }
  if (answer.status === 403) {
    return problem('key', `${variable} may not list models (403)`, 'check its workspace and permissions');
  }
  if (answer.status >= 400) return skipped('key', `no verdict: the upstream answered ${answer.status}`);
  return ok('key', `${variable} is accepted`);
}

function checkReach(answer: LookAnswer): Check {
  const finding = `GET /v1/models answered ${answer.status} in ${Math.round(answer.totalMs)} ms`;
  if (answer.status >= 500)
    return problem('api', finding, 'the upstream is having trouble: see status.claude.com, try again');
  if (answer.status === 404) return problem('api', finding, 'this is no Claude API: check the address');
  return ok('api', finding);
}

/** What is wrong with how a key is written; null where nothing is. */
function checkShape(key: KeySetting, upstream: URL): Check | null {
  if (isMisshapen(key)) {
    const advice = `set ${key.variable} again, without quotes, spaces and line ends`;
    return problem('key', `${key.variable} holds characters that no key has`, advice);
  }
  if (upstream.hostname === 'api.anthropic.com' && !key.value.reveal().startsWith('sk-ant-')) {
    return problem(
      'key',
      `${key.variable} does not begin with sk-ant-`,
      'copy the key once more from the Claude Console',
    );
  }
  return null;
}

/**
 * Looks at what only an answer can tell: that there is one, how soon, at what time, and whether the key is good.
 * @param key null: callers bring their own, and none is tried
 * @param proxy `proxy` of the configuration; null: what the environment says
 */
export async function checkApi(
  upstream: URL,
  key: KeySetting | null,
  proxy: string | null,
  clock: Clock,
): Promise<Check[]> {
  const shape = key === null ? null : checkShape(key, upstream);
  const usable = key !== null && shape === null;
  try {
    const answer = await askUpstream(upstream.href, { kind: 'free' }, { key: usable ? key : null, proxy, clock });
    const none =
      'there is none for this upstream (ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN, key_env): callers bring their own';
    const verdict = key === null ? skipped('key', none) : (shape ?? checkKey(key.variable, answer));
    return [checkReach(answer), checkClock(answer, clock.now()), verdict];
  } catch (error) {
    const unreachable = problem('api', causeOf(error), 'see the lines above for the layer that fails');
    const time = skipped('clock', 'the API was not reached, and its answer would tell the time');
    return [unreachable, time, shape ?? skipped('key', 'the API was not reached, and only it knows a good key')];
  }
}
