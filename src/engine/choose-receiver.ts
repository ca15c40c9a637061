import type { Call, RawHeaders } from '../core/call.ts';
import { errorBodyBytesMax } from '../core/limits.ts';
import { headerOf } from '../wire/headers.ts';
import { PassReceiver } from './pass-receiver.ts';
import type { Receiver, ReceiverContext } from './receiver.ts';
import { StreamReceiver } from './stream-receiver.ts';
import { ErrorReceiver, WholeReceiver } from './whole-receiver.ts';

/**
 * Decides by the head alone how a body is to be taken.
 * @param headers end-to-end headers of the response
 */
export function chooseReceiver(status: number, headers: RawHeaders, context: ReceiverContext): Receiver {
  const { call } = context;
  if (status >= 400 || (status >= 300 && call.facts !== null)) return new ErrorReceiver(status, headers, context);
  if (call.facts?.stream) {
    // A 200 that is no event stream is an error in disguise, or somebody else's page.
    const isStream = headerOf(headers, 'content-type')?.toLowerCase().startsWith('text/event-stream');
    return isStream ? new StreamReceiver(headers, context) : new ErrorReceiver(status, headers, context);
  }
  if (call.facts !== null || isSmallJson(call, headers)) return new WholeReceiver(status, headers, context);
  return new PassReceiver(status, headers, context);
}

/** Small answers to a GET are held until whole: a cut one can then be asked for again. */
function isSmallJson(call: Call, headers: RawHeaders): boolean {
  if (call.method !== 'GET' || !headerOf(headers, 'content-type')?.includes('application/json')) return false;
  if (headerOf(headers, 'content-encoding') !== null) return false;
  return Number(headerOf(headers, 'content-length') ?? Number.NaN) <= errorBodyBytesMax;
}
