import type { Fault } from '../fault.ts';
import { framesUntil, sendPart, stall } from '../play.ts';

export const stallMidText: Fault = {
  name: 'stall-mid-text',
  summary: 'The stream falls silent after some of the text; the connection stays open.',
  phase: 'mid-stream',
  play: (exchange, random) =>
    sendPart(
      exchange,
      random,
      (frames) => framesUntil(frames, 'text', random),
      () => stall(exchange),
    ),
};
