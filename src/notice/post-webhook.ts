import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import type { Clock } from '../core/clock.ts';
import { codeOf } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { isPublicAddress } from './public-address.ts';
import { signatureHeaders } from './sign.ts';

/** One delivery of a webhook has this long, answer included. */
const postMsMax = 15_000;

/** One delivery. */
export interface Webhook {
  /** http or https; where it points to is a secret as often as not. */
  readonly url: Secret;
  /** Equal in every delivery of one event. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
  /** Signs it by the Standard Webhooks; null: it goes out unsigned. */
  readonly secret: Secret | null;
  /** True: it may go to this machine and to private networks. */
  readonly allowPrivate: boolean;
}

/** What was answered. */
export interface WebhookAnswer {
  readonly status: number;
  /** From `retry-after`, in milliseconds; 0 where it named no seconds. */
  readonly waitMs: number;
}

/** Why a webhook was not delivered: a phrase without any address. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  /** True: it will not go out however often it is tried. */
  readonly permanent: boolean;

  constructor(message: string, permanent: boolean) {
    super(message);
    this.permanent = permanent;
  }
}

/**
 * Sends a webhook. Whoever may set the address must not reach what only this machine reaches: the
 * connection goes to an address that was checked after it was resolved, redirects are not followed,
 * and no proxy, which would resolve for itself, stands between.
 * @param stopped ends it: a receiver that does not answer must not hold up the end of a gateway; default never
 * @throws WebhookError when there was no answer
 */
export async function postWebhook(webhook: Webhook, clock: Clock, stopped?: AbortSignal): Promise<WebhookAnswer> {
  const { url, id, body, secret, allowPrivate } = webhook;
  const target = new URL(url.reveal());
  const host = target.hostname.replace(/^\[|\]$/g, '');
  // A host that is an address is connected to without being looked up.
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) throw privateAddress();
  const dispatcher = new Agent(allowPrivate ? {} : { connect: { lookup: publicLookup } });
  const overdue = new AbortController();
  const timer = clock.after(postMsMax, () => overdue.abort());
  const signal = stopped === undefined ? overdue.signal : AbortSignal.any([overdue.signal, stopped]);
  try {
    const signed = secret === null ? {} : signatureHeaders(secret, id, clock.now(), body);
    const headers = { 'content-type': 'application/json', 'user-agent': 'ridethrough', ...signed };
    const answer = await request(target, { method: 'POST', headers, body, dispatcher, signal });
    answer.body.on('error', () => {});
    answer.body.destroy();
    return { status: answer.statusCode, waitMs: waitOf(answer.headers['retry-after']) };
  } catch (error) {
    if (stopped?.aborted) throw new WebhookError('it had not answered when this gateway ended', false);
    if (overdue.signal.aborted) throw new WebhookError(`it did not answer within ${postMsMax / 1000} s`, false);
    if (codeOf(error) === privateCode) throw privateAddress();
    throw new WebhookError(`it was not reached (${codeOf(error) ?? 'unknown'})`, false);
  } finally {
    clock.cancel(timer);
    await dispatcher.destroy();
  }
}

const privateCode = 'EPRIVATE';

function privateAddress(): WebhookError {
  return new WebhookError('its address is on a private network, which "allow_private: true" would permit', true);
}

/** Resolves a name to its public addresses only. */
const publicLookup: LookupFunction = (host, options, callback) => {
  resolve(host, { ...options, all: true }, (error, addresses) => {
    const found = error === null ? addresses.filter(({ address }) => isPublicAddress(address)) : [];
    const [first] = found;
    if (error !== null) callback(error, '');
    else if (first === undefined) callback(Object.assign(new Error('private'), { code: privateCode }), '');
    else if (options.all) callback(null, found);
    else callback(null, first.address, first.family);
  });
};

function waitOf(retryAfter: string | string[] | undefined): number {
  return typeof retryAfter === 'string' && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : 0;
}
