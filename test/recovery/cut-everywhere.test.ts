import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Frame, frames } from '../../src/faults/api/events.ts';
import { expectedAnswer, type Manner, type Message } from '../../src/faults/index.ts';
import { drawn, everywhere, oneOf, randomFor, replay } from './extent.ts';
import { answers, type Fixture, fixtures } from './fixtures.ts';
import { type Cut, play } from './stage.ts';
import { assertClosedAfterTool, assertWhole, messageIn, passedBefore } from './verdict.ts';

const mainManners: readonly Manner[] = ['exact', 'repeat', 'whitespace', 'preamble'];
const otherManners: readonly Manner[] = ['repeat-longer', 'quote', 'fence'];
const silences: readonly Cut['how'][] = ['reset', 'clean', 'stall'];
const errors: readonly Cut['how'][] = ['overloaded_error', 'api_error'];

/** So many offsets of a stream at most, for each way to cut it and manner to go on. */
const offsetsMax = everywhere ? Number.POSITIVE_INFINITY : 14;
/** The very long one's streams cost twenty times as much. */
const longOffsetsMax = everywhere ? 2_000 : 3;

interface Stream {
  readonly whole: Message;
  readonly frames: readonly Frame[];
  readonly bytes: number;
}

function streamOf({ request }: Fixture): Stream {
  const whole = expectedAnswer(request, { answers });
  const all = frames(whole);
  return { whole, frames: all, bytes: Buffer.byteLength(all.join('')) };
}

/** Ends of events, as offsets of the stream; the last is the end of it, where nothing is left to cut. */
function boundaries(stream: Stream): number[] {
  let at = 0;
  const ends = stream.frames.slice(0, -1).map((frame) => {
    at += Buffer.byteLength(frame);
    return at;
  });
  return [0, ...ends];
}

/** Cuts the first stream, and sees to it that the caller does not. */
async function heals(fixture: Fixture, stream: Stream, manner: Manner, cut: Cut): Promise<void> {
  const { name, request } = fixture;
  const random = randomFor(`${name} ${manner} ${cut.how} ${cut.atByte}`);
  const seen = await play({
    request,
    script: { answers, continuation: manner },
    cutOf: (attempt) => (attempt === 0 ? cut : null),
    // Half of them come in one piece, as most do; half as the network has it.
    ...(random.next() < 0.5 ? { chunks: random } : {}),
  });
  try {
    const message = messageIn(seen);
    const { tools, ended } = passedBefore(cut.atByte, stream.frames);
    assert.equal(seen.requests.length, tools > 0 || ended ? 1 : 2, 'attempts');
    if (tools === 0 || ended) return assertWhole(message, stream.whole);
    assertClosedAfterTool(message, stream.whole);
    assert.equal(message.content.filter((block) => block.type === 'tool_use').length, tools);
  } catch (error) {
    throw new Error(`[${name}], ${cut.how} at byte ${cut.atByte}, continued by ${manner} (${replay})`, {
      cause: error,
    });
  }
}

describe('a stream that is cut anywhere reaches the caller as if it had not been', () => {
  for (const fixture of fixtures) {
    test(fixture.name, async () => {
      const stream = streamOf(fixture);
      const random = randomFor(fixture.name);
      const most = stream.bytes > 20_000 ? longOffsetsMax : offsetsMax;
      for (const manner of mainManners) {
        for (const how of silences) {
          for (const atByte of drawn(stream.bytes, most, random)) await heals(fixture, stream, manner, { how, atByte });
        }
        const ends = boundaries(stream);
        for (const how of errors) {
          for (const index of drawn(ends.length, most, random)) {
            await heals(fixture, stream, manner, { how, atByte: ends[index] ?? 0 });
          }
        }
      }
      for (const manner of otherManners) {
        for (const atByte of drawn(stream.bytes, Math.ceil(most / 10), random)) {
          await heals(fixture, stream, manner, { how: oneOf(silences, random), atByte });
        }
      }
    });
  }
});
