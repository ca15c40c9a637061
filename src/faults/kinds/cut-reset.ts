import type { Fault } from '../fault.ts';
import { bytesUntil, resetAfterSending, sendPart } from '../play.ts';

export const cutReset: Fault = {
  name: 'cut-reset',
  summary: 'The connection is reset in the middle of the answer, at any byte.',
  phase: 'mid-stream',
  play: (exchange, random) =>
    sendPart(
      exchange,
      random,
      (frames) => [bytesUntil(frames, random)],
      () => resetAfterSending(exchange),
    ),
};
