import { EnvHttpProxyAgent, request } from 'undici';
import type { Clock } from '../core/clock.ts';
import { bounded } from './doctor/check.ts';
import { type KeySetting, keyHeaders } from './environment.ts';

/** What to ask an upstream for: `free` lists its models, `paid` has one token written by a model. */
export type Look = { readonly kind: 'free' } | { readonly kind: 'paid'; readonly model: string };

/** How a look is sent. */
export interface LookOptions {
  /** null: none is shown. */
  readonly key: Pick<KeySetting, 'value' | 'auth'> | null;
  /** `proxy` of the configuration; null: what the environment says. */
  readonly proxy: string | null;
  readonly clock: Clock;
}

/** What an upstream said to a look; nothing of the body. */
export interface LookAnswer {
  readonly status: number;
  /** The time by its clock, to the second; null where it sent no date. */
  readonly serverMs: number | null;
  readonly totalMs: number;
}

/**
 * Looks at an upstream beside the calls, on the way that they take, on a connection of its own.
 * @throws Error where no answer came within `lookMsMax`; see `causeOf`
 */
export async function askUpstream(
  upstream: string,
  look: Look,
  { key, proxy, clock }: LookOptions,
): Promise<LookAnswer> {
  const dispatcher = new EnvHttpProxyAgent(proxy === null ? {} : { httpProxy: proxy, httpsProxy: proxy });
  const base = upstream.replace(/\/$/, '');
  const headers = {
    'anthropic-version': '2023-06-01',
    'user-agent': 'ridethrough',
    ...(key === null ? {} : keyHeaders(key)),
  };
  const startedAtMs = clock.now();
  try {
    return await bounded(clock, async (signal) => {
      const common = { dispatcher, signal };
      const response =
        look.kind === 'free'
          ? await request(`${base}/v1/models?limit=1`, { ...common, headers })
          : await request(`${base}/v1/messages`, {
              ...common,
              method: 'POST',
              headers: { ...headers, 'content-type': 'application/json' },
              body: JSON.stringify({ model: look.model, max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] }),
            });
      await response.body.dump();
      const serverMs = Date.parse(String(response.headers.date ?? ''));
      return {
        status: response.statusCode,
        serverMs: Number.isNaN(serverMs) ? null : serverMs,
        totalMs: clock.now() - startedAtMs,
      };
    });
  } finally {
    await dispatcher.destroy();
  }
}
