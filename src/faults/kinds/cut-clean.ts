import type { Fault } from '../fault.ts';
import { bytesUntil, sendPart } from '../play.ts';

export const cutClean: Fault = {
  name: 'cut-clean',
  summary: 'The body ends early but properly, at any byte: no error, no message_stop.',
  phase: 'mid-stream',
  play: (exchange, random) =>
    sendPart(
      exchange,
      random,
      (frames) => [bytesUntil(frames, random)],
      () => exchange.end(),
    ),
};
