import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import type { Config, Upstream } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import type { Canary } from '../../diagnosis/verdict.ts';
import { bounded, causeOf } from '../doctor/check.ts';
import { type KeySetting, keyHeaders } from '../environment.ts';

/** What to ask an upstream for: `free` lists its models, `paid` has one token written by a model. */
export type Look = { readonly kind: 'free' } | { readonly kind: 'paid'; readonly model: string };

/**
 * Looks at an upstream beside the calls. Every answer tells that the way is open; a 401 for want of a
 * key does too.
 * @param key what to show where the configuration has none for it; null: nothing
 */
export async function lookAt(
  upstream: Upstream,
  { proxy }: Pick<Config, 'proxy'>,
  key: KeySetting | null,
  look: Look,
  clock: Clock,
): Promise<Canary> {
  const dispatcher = new EnvHttpProxyAgent(proxy === null ? {} : { httpProxy: proxy, httpsProxy: proxy });
  const atMs = clock.now();
  const common = { upstream: upstream.name, atMs };
  try {
    const { status, date } = await bounded(clock, (signal) => ask(upstream, key, look, dispatcher, signal));
    const serverMs = Date.parse(date);
    const clockSkewMs = Number.isNaN(serverMs) ? null : serverMs - clock.now();
    return {
      ...common,
      status,
      problem: status < 400 ? null : `status ${status}`,
      totalMs: clock.now() - atMs,
      clockSkewMs,
    };
  } catch (error) {
    return { ...common, status: null, problem: causeOf(error), totalMs: clock.now() - atMs, clockSkewMs: null };
  } finally {
    await dispatcher.destroy();
  }
}

async function ask(
  upstream: Upstream,
  key: KeySetting | null,
  look: Look,
  dispatcher: Dispatcher,
  signal: AbortSignal,
) {
  const headers = { 'anthropic-version': '2023-06-01', 'user-agent': 'ridethrough', ...keyOf(upstream, key) };
  const base = upstream.url.replace(/\/$/, '');
  const response =
    look.kind === 'free'
      ? await request(`${base}/v1/models?limit=1`, { dispatcher, headers, signal })
      : await request(`${base}/v1/messages`, {
          dispatcher,
          signal,
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ model: look.model, max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] }),
        });
  await response.body.dump();
  return { status: response.statusCode, date: String(response.headers.date ?? '') };
}

function keyOf({ key, auth }: Upstream, given: KeySetting | null): Record<string, string> {
  if (key !== null) return keyHeaders({ value: key, auth });
  return given === null ? {} : keyHeaders(given);
}
