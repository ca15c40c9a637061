import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frames } from '../../src/faults/api/events.ts';
import { expectedAnswer, type Manner, type MessagesRequest } from '../../src/faults/index.ts';
import { answers, fixtures } from './fixtures.ts';
import type { Reading } from './protocol-checker.ts';
import { type Cut, play, type Seen } from './stage.ts';
import { isBeginning, messageIn, readingOf } from './verdict.ts';

/** The first stream breaks right after the last of these words; the request and its answer are those of a fixture. */
interface Break {
  readonly name: string;
  readonly after: string;
  readonly continuation: Manner;
  readonly how?: Cut['how'];
  /** Members of the request to be set otherwise. */
  readonly more?: MessagesRequest;
  readonly headers?: readonly string[];
  readonly refuses?: (attempt: number) => 400 | null;
}

async function breakOff({ name, after, continuation, how = 'reset', more = {}, ...rest }: Break) {
  const fixture = fixtures.find((each) => each.name === name);
  assert.ok(fixture !== undefined);
  const request = { ...fixture.request, ...more };
  const whole = expectedAnswer(request, { answers });
  const stream = frames(whole).join('');
  const atByte = Buffer.byteLength(stream.slice(0, stream.lastIndexOf(after) + after.length));
  const seen = await play({
    request,
    script: { answers, continuation },
    cutOf: (attempt) => (attempt === 0 ? { how, atByte } : null),
    ...rest,
  });
  return { seen, whole };
}

/** The stream ended as a typed error: that of the break, never that of an attempt to mend it. */
function assertTold(seen: Seen, type: string): Reading {
  const reading = readingOf(seen);
  assert.ok(reading.end === 'error', 'an error was due');
  assert.equal(reading.error.type, type);
  return reading;
}

const inTool = { name: 'text and tool', after: '"partial_json":"' };
const inText = { name: 'text only', after: '"text":"' };

test('R10: prose where a tool call was being made is no continuation; after four the break is told', async () => {
  const { seen, whole } = await breakOff({ ...inTool, continuation: 'prose', how: 'overloaded_error' });
  const reading = assertTold(seen, 'overloaded_error');
  assert.ok(reading.end === 'error' && isBeginning(reading.content, whole.content));
  assert.equal(seen.requests.length, 1 + 4);
});

test('R10: after a closed text, neither its last words nor a tool is no continuation, and the turn ends there', async () => {
  const { seen, whole } = await breakOff({
    name: 'text and tool',
    after: '{"type":"content_block_stop","index":0}\n\n',
    continuation: 'prose',
  });
  const { content, stop_reason } = messageIn(seen);
  assert.deepEqual([content, stop_reason], [whole.content.slice(0, 1), 'end_turn']);
  assert.equal(seen.requests.length, 2);
});

test('R10: a refusal is an answer; the stream is closed with it', async () => {
  const { seen, whole } = await breakOff({ ...inText, continuation: 'refuse' });
  const { content, stop_reason } = messageIn(seen);
  assert.ok(content.length === 1 && isBeginning(content, whole.content));
  assert.equal(stop_reason, 'refusal');
  assert.equal(seen.requests.length, 2);
});

test('R10: a request to go on that is refused with a 400 is not repeated; the break is told, not the 400', async () => {
  const { seen } = await breakOff({ ...inText, continuation: 'error-400', how: 'overloaded_error' });
  assertTold(seen, 'overloaded_error');
  assert.equal(seen.requests.length, 2);
});

test('R10: an empty continuation in the middle of a text is none; after four the break is told', async () => {
  const { seen } = await breakOff({ ...inText, continuation: 'empty', how: 'overloaded_error' });
  assertTold(seen, 'overloaded_error');
  assert.equal(seen.requests.length, 1 + 4);
});

test('R10: a continuation that breaks again is continued again, four times a call', async () => {
  const { seen, whole } = await breakOff({ ...inText, continuation: 'breaking', how: 'api_error' });
  const reading = assertTold(seen, 'api_error');
  assert.ok(reading.end === 'error' && isBeginning(reading.content, whole.content));
  assert.equal(seen.requests.length, 1 + 4);
});

test('R10: one that breaks before anything of it can be sent on counts as well: it was billed', async () => {
  const name = 'thinking and text';
  const { seen } = await breakOff({ name, after: '"text":"', continuation: 'breaking', how: 'api_error' });
  assertTold(seen, 'api_error');
  assert.equal(seen.requests.length, 1 + 4);
});

test('R10: a forced tool cannot be asked for again once text is out', async () => {
  const forced = { model: 'claude-haiku-5-5', tool_choice: { type: 'any' } };
  const { seen } = await breakOff({ ...inTool, continuation: 'repeat', more: forced, how: 'api_error' });
  assertTold(seen, 'api_error');
  assert.equal(seen.requests.length, 1);
});

test('R10: neither a thread nor a container is continued', async () => {
  for (const more of [{ thread: { type: 'create' } }, { container: 'container_1' }]) {
    const headers = ['anthropic-beta', 'message-threads-2026-08-12'];
    const { seen } = await breakOff({ ...inText, continuation: 'repeat', more, how: 'api_error', headers });
    assertTold(seen, 'api_error');
    assert.equal(seen.requests.length, 1);
  }
});

test('R10: the turn of a thread is not closed after one of its tools: the API keeps the other one, too', async () => {
  const { seen } = await breakOff({
    name: 'two parallel tools',
    after: '{"type":"content_block_stop","index":1}\n\n',
    continuation: 'repeat',
    more: { thread: { type: 'create' } },
    headers: ['anthropic-beta', 'message-threads-2026-08-12'],
    how: 'api_error',
  });
  assertTold(seen, 'api_error');
  assert.equal(seen.requests.length, 1);
});

test('R10: too few tokens to go on with end the answer as max_tokens would', async () => {
  const { seen, whole } = await breakOff({ ...inText, continuation: 'repeat', more: { max_tokens: 60 } });
  const { content, stop_reason } = messageIn(seen);
  assert.ok(isBeginning(content, whole.content));
  assert.equal(stop_reason, 'max_tokens');
  assert.equal(seen.requests.length, 1);
});

test('R9: half a tool call that was released by delta cannot be continued', async () => {
  const headers = ['ridethrough-release', 'delta'];
  const { seen } = await breakOff({ ...inTool, continuation: 'repeat', headers });
  // Its block is open for ever: a typed error ends it, and no error of ours can close it.
  const reading = readingOf(seen);
  assert.equal(reading.end, 'error');
  assert.equal(seen.requests.length, 1);
});

test('the request that goes on has the history of the first, and adds nothing to system, tools and thinking', async () => {
  const { seen } = await breakOff({ name: 'thinking and text', after: '"text":"', continuation: 'repeat' });
  const [first, second] = seen.requests.map(({ body }) => JSON.parse(Buffer.from(body as Uint8Array).toString()));
  assert.deepEqual(second.messages.slice(0, first.messages.length), first.messages);
  assert.deepEqual({ ...second, messages: [], max_tokens: 0 }, { ...first, messages: [], max_tokens: 0 });
  const [assistant, user] = second.messages.slice(first.messages.length);
  assert.deepEqual(
    [assistant.role, assistant.content.map((block: { type: string }) => block.type), user.role],
    ['assistant', ['thinking', 'text'], 'user'],
  );
});

test('a line that a repeated line follows is not lost at the end of an answer', async () => {
  // Under `exact` the answer ends in words with which the anchor begins: they were taken for a repetition.
  const { seen, whole } = await breakOff({
    name: 'code with repeated lines',
    after: 'And the same again:\\n\\n',
    continuation: 'exact',
  });
  assert.deepEqual(messageIn(seen).content, whole.content);
});

test('the words before a block of another kind are not repeated after it', async () => {
  // The last words of the text were quoted though a block had come since; repeated, they stood in the answer twice.
  const { seen, whole } = await breakOff({
    name: 'unknown block',
    after:
      '"type":"future_gauge","value":3,"of":{"what":"voltage"}}}\n\nevent: content_block_stop\ndata: {"type":"content_block_stop","index":1}\n\n',
    continuation: 'repeat',
  });
  assert.deepEqual(messageIn(seen).content, whole.content);
});

test('an error that follows the end of an answer does not reach the caller', async () => {
  const stop = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
  const { seen, whole } = await breakOff({ name: 'text only', after: stop, continuation: 'repeat', how: 'api_error' });
  assert.deepEqual(messageIn(seen).content, whole.content);
  assert.equal(seen.requests.length, 1);
});

test('after a server tool the assistant turn stands last; where that is refused, a turn of the user follows', async () => {
  for (const refused of [0, 1]) {
    const { seen, whole } = await breakOff({
      name: 'server tools',
      after: '{"type":"content_block_stop","index":6}\n\n',
      continuation: 'repeat',
      how: 'api_error',
      refuses: (attempt) => (attempt === refused && refused > 0 ? 400 : null),
    });
    assert.deepEqual(messageIn(seen).content, whole.content);
    const last = seen.requests.map(({ body }) =>
      JSON.parse(Buffer.from(body as Uint8Array).toString()).messages.at(-1),
    );
    assert.deepEqual(
      last.map(({ role }) => role),
      refused === 0 ? ['user', 'assistant'] : ['user', 'assistant', 'user'],
    );
  }
});
