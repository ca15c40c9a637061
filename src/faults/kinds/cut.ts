import type { Random } from '../../core/random.ts';
import { errorFrame } from '../api/events.ts';
import type { Exchange, Fault } from '../fault.ts';
import { bodyUntil, bytesUntil, framesWithin, overload, resetAfterSending, sendPart, stall } from '../play.ts';

const summaries = {
  'cut-clean': 'The body ends early but properly, at any byte: no error, no message_stop.',
  'cut-reset': 'The connection is reset in the middle of the answer, at any byte.',
  'cut-stall': 'The stream falls silent at any byte of the answer; the connection stays open.',
  'cut-error': 'An error event after any event of the answer, an overload or an api_error; then the body ends.',
} as const;

type CutName = keyof typeof summaries;

const apiError = { type: 'api_error', message: 'Internal server error' } as const;

/** A cut. @param atByte where in the body; null: drawn for each attempt, after the first content and before the end */
function cut(name: CutName, atByte: number | null): Fault {
  return {
    name: atByte === null ? name : `${name}@${atByte}`,
    summary: summaries[name],
    phase: 'mid-stream',
    play(exchange, random) {
      const until = (body: Uint8Array, drawn: Uint8Array) => (atByte === null ? drawn : body.subarray(0, atByte));
      return sendPart(
        exchange,
        random,
        (frames) => {
          const bytes = until(Buffer.from(frames.join('')), bytesUntil(frames, random));
          // An error event comes between events, never inside one.
          const end = name === 'cut-error' ? Buffer.from(bytes).lastIndexOf('\n\n') + 2 : bytes.length;
          return framesWithin(frames, end);
        },
        (streaming) => finish(name, exchange, random, streaming),
        (body) => until(Buffer.from(body), bodyUntil(body, random)),
      );
    },
  };
}

function finish(name: CutName, exchange: Exchange, random: Random, streaming: boolean): void | Promise<void> {
  const error = random.next() < 0.5 ? overload : apiError;
  switch (name) {
    case 'cut-reset':
      return resetAfterSending(exchange);
    case 'cut-stall':
      return stall(exchange);
    case 'cut-clean':
      return exchange.end();
    case 'cut-error':
      return exchange.end(streaming ? errorFrame(error.type, error.message, exchange.requestId) : undefined);
  }
}

export const cutClean = cut('cut-clean', null);
export const cutReset = cut('cut-reset', null);
export const cutStall = cut('cut-stall', null);
export const cutError = cut('cut-error', null);

/** A cut at a certain byte by its name, `cut-reset@512`; null for any other name. */
export function cutAt(name: string): Fault | null {
  const { kind, at } = /^(?<kind>cut-\w+)@(?<at>\d+)$/.exec(name)?.groups ?? {};
  return kind !== undefined && Object.hasOwn(summaries, kind) ? cut(kind as CutName, Number(at)) : null;
}
