import type { Fault } from '../fault.ts';
import { framesUntil, sendPart } from '../play.ts';

const injected = '{"type":"error","sequence_number":0,"error":{"type":"upstream_error","message":"stream_read_error"}}';

export const brokenJson: Fault = {
  name: 'broken-json',
  summary: 'An unfinished event with a foreign error pasted into it; then the body ends.',
  phase: 'mid-stream',
  play: (exchange, random) =>
    sendPart(
      exchange,
      random,
      (frames) => {
        const sent = framesUntil(frames, 'text', random);
        const torn = (sent.at(-1) ?? '').slice(0, -8);
        return [...sent.slice(0, -1), `${torn}\ndata: ${injected}\n\n`];
      },
      (streaming) => exchange.end(streaming ? undefined : injected),
    ),
};
