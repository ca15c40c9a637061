import type { Call, RawHeaders } from '../core/call.ts';
import { errorBodyBytesMax } from '../core/limits.ts';
import { headerOf } from '../wire/headers.ts';
import { ErrorReceiver } from './error-receiver.ts';
import { FirstBytesReceiver } from './first-bytes-receiver.ts';
import { PassReceiver } from './pass-receiver.ts';
import type { Receiver, ReceiverContext } from './receiver.ts';
import { SmallReceiver } from './small-receiver.ts';

/**
 * Decides by the head how a body is to be taken.
 * @param headers end-to-end headers of the response
 */
export function chooseReceiver(status: number, headers: RawHeaders, context: ReceiverContext): Receiver {
  const { call } = context;
  if (status >= 400 || (status >= 300 && call.facts !== null)) return new ErrorReceiver(status, headers, context);
  if (call.facts !== null) return new FirstBytesReceiver(status, headers, context);
  if (status === 200 && mayBeSmall(call, headers)) return new SmallReceiver(status, headers, context);
  return new PassReceiver(status, headers, context);
}

/**
 * Small answers to a GET are held until whole: a cut one can then be asked for again. Downloads are not answers; a
 * 304 has no body, and half of one was asked for where a 206 comes.
 */
function mayBeSmall({ method, path }: Call, headers: RawHeaders): boolean {
  if (method !== 'GET' || /\/(?:content|results)\/?(?:\?|$)/.test(path)) return false;
  const mediaType = headerOf(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  return mediaType === 'application/json' && Number(headerOf(headers, 'content-length') ?? 0) <= errorBodyBytesMax;
}
