import type { Fault } from '../fault.ts';
import { bytesUntil, sendPart } from '../play.ts';

export const truncatedBody: Fault = {
  name: 'truncated-body',
  summary: 'The connection is closed in the middle of the answer, without the end that HTTP asks for.',
  phase: 'mid-stream',
  play: (exchange, random) =>
    sendPart(
      exchange,
      random,
      (frames) => [bytesUntil(frames, random)],
      () => exchange.close(),
    ),
};
