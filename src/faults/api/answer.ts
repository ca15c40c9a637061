import { continuedAnswer } from './continuation.ts';
import { fullAnswer } from './full-answer.ts';
import type { Message, MessagesRequest } from './message.ts';
import { readResumed } from './resumed.ts';
import { noScript, type Script } from './script.ts';

/**
 * The whole answer that the healthy API gives to a request: the same for ever, streaming or not.
 * Whoever drives the simulator through storms compares what came home with this. To a request that
 * gives the beginning of an answer, it is the rest.
 * @param request the request body: parsed, or as JSON text or bytes; `stream` in it changes nothing
 * @param script what the API was told to say; default nothing
 */
export function expectedAnswer(
  request: MessagesRequest | string | Uint8Array,
  script: Partial<Script> = noScript,
): Message {
  const body: MessagesRequest = request instanceof Uint8Array || typeof request === 'string' ? parse(request) : request;
  const told = { ...noScript, ...script };
  const resumed = readResumed(body);
  return resumed === null ? fullAnswer(body, told.answers) : continuedAnswer(body, resumed, told);
}

const parse = (body: string | Uint8Array): MessagesRequest =>
  JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body));
