import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Frame } from '../../src/faults/api/events.ts';
import type { Message } from '../../src/faults/index.ts';
import { checkStream, type Reading, type ReadMessage } from './protocol-checker.ts';
import type { Seen } from './stage.ts';

type Blocks = readonly unknown[];

/** The stream that a caller saw, which is a valid one; and nothing of the call is left behind. */
export function readingOf(seen: Seen): Reading {
  assert.deepEqual([seen.status, seen.state, seen.left], [200, 'ended', 0]);
  assert.equal(seen.attempts.length, seen.requests.length);
  return checkStream(seen.body);
}

/** What a stream said that came to its end. */
export function messageIn(seen: Seen): ReadMessage {
  const reading = readingOf(seen);
  assert.ok(reading.end === 'message', `an error came: ${JSON.stringify(reading)}`);
  return reading.message;
}

/** The message is that of a stream which was never cut. */
export function assertWhole(message: ReadMessage, whole: Message): void {
  assert.deepEqual(message.content, whole.content);
  assertSame(message, whole);
  assert.deepEqual([message.stop_reason, message.stop_sequence], [whole.stop_reason, whole.stop_sequence]);
}

function assertSame({ id, model, usage }: ReadMessage, whole: Message): void {
  assert.deepEqual([id, model, usage.input_tokens], [whole.id, whole.model, whole.usage.input_tokens]);
}

/**
 * Rule R10: after a whole client tool call the turn is closed with `tool_use`, for the call may run
 * already. What had come of text after it stays.
 */
export function assertClosedAfterTool(message: ReadMessage, whole: Message): void {
  assertSame(message, whole);
  assert.ok(isBeginning(message.content, whole.content), 'the content is the beginning of the whole');
  assert.ok(message.content.some((block) => block.type === 'tool_use'));
  assert.deepEqual([message.stop_reason, message.stop_sequence], ['tool_use', null]);
}

/** True when blocks are those that a whole begins with; a text at their end may be a beginning, too. */
export function isBeginning(blocks: Blocks, whole: Blocks): boolean {
  return blocks.every((block, at) => {
    if (isDeepStrictEqual(block, whole[at])) return true;
    const [part, all] = [block, whole[at]] as { type: string; text: string }[];
    return at === blocks.length - 1 && part?.type === 'text' && all?.type === 'text' && all.text.startsWith(part.text);
  });
}

/** What of an answer has gone by before a cut, as far as it matters for what follows. */
export interface Passed {
  /** Client tools that have come whole. */
  readonly tools: number;
  /** The stop reason has come. */
  readonly ended: boolean;
}

export function passedBefore(atByte: number, frames: readonly Frame[]): Passed {
  let tools = 0;
  let ended = false;
  let bytes = 0;
  let inTool = false;
  for (const frame of frames) {
    bytes += Buffer.byteLength(frame);
    if (bytes > atByte) break;
    if (frame.startsWith('event: content_block_start')) inTool = frame.includes('"type":"tool_use"');
    if (frame.startsWith('event: content_block_stop') && inTool) tools++;
    if (frame.startsWith('event: message_delta')) ended = true;
  }
  return { tools, ended };
}
