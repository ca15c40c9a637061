import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  close,
  comment,
  delta,
  end,
  event,
  failed,
  feed,
  json,
  open,
  openServerTool,
  openText,
  openThinking,
  openTool,
  ping,
  releasedAfter,
  result,
  start,
  stop,
  text,
  thinking,
} from '../../test/fixtures/stream-events.ts';
import { heldBytesMax } from '../core/limits.ts';
import { MessageStream } from './message-stream.ts';

/** Each event with a mark: `true` where everything up to and with it must be releasable. */
function assertReleases(steps: readonly [event: string, released: boolean][], options = {}): MessageStream {
  const stream = new MessageStream(options);
  const events = steps.map(([each]) => each);
  assert.deepEqual(
    releasedAfter(events, stream),
    steps.map(([, released]) => released),
  );
  assert.equal(stream.fault, null);
  return stream;
}

test('text is released from its first character on, with all that stands before it', () => {
  const stream = assertReleases([
    [start, false],
    [ping, false],
    [comment, false],
    [event('some_future_event'), false],
    [openText(0), false],
    [text(0, ''), false],
    [ping, false],
    [text(0, 'Hello'), true],
    [text(0, ''), true],
    [ping, true],
    [comment, true],
    [event('some_future_event'), true],
    [text(0, ' world'), true],
    [close(0), true],
    [openText(1), false],
    [ping, false],
    [close(1), true],
    [openText(2), false],
    [delta(2, { type: 'citations_delta', citation: {} }), false],
    [text(2, 'x'), true],
    [close(2), true],
    [end(null), true],
    [end('end_turn'), true],
    [stop, true],
    ['data: whatever comes\n\n', true],
    [failed, false],
    [ping, false],
  ]);
  assert.deepEqual([stream.started, stream.stopReason, stream.stopped], [true, 'end_turn', true]);
  assert.equal(stream.progress, 18);
});

test('an empty text block is no content', () => {
  assertReleases([
    [start, false],
    [openText(0), false],
    [close(0), false],
    [end('end_turn'), true],
  ]);
  assertReleases([
    [start, false],
    [openThinking(0), false],
    [close(0), false],
    [openText(1), false],
    [close(1), false],
    [end('end_turn'), true],
  ]);
});

test('text that stands in the start of its block is content', () => {
  assertReleases([
    [start, false],
    [open(0, { type: 'text', text: 'Hi' }), true],
  ]);
});

test('progress counts neither pings nor comments nor events without data', () => {
  const stream = feed(
    start,
    ping,
    comment,
    'event: content_block_delta\n\n',
    'event: message_stop\ndata:\n\n',
    'data: {"type":"ping"}\n\n',
  );
  assert.equal(stream.progress, 1);
  stream.feed(Buffer.from(openText(0)));
  stream.feed(Buffer.from(text(0, '')));
  stream.feed(Buffer.from(event('some_future_event')));
  assert.equal(stream.progress, 4);
});

test('a tool is released when its arguments are whole', () => {
  assertReleases([
    [start, false],
    [openTool(0), false],
    [json(0, ''), false],
    [json(0, '{"a":'), false],
    [ping, false],
    [json(0, '1}'), false],
    [close(0), true],
    [openTool(1), false],
    [close(1), true],
    [end('tool_use'), true],
  ]);
});

test('thinking is held even when whole, until something comes of it', () => {
  const thought: [string, boolean][] = [
    [start, false],
    [openThinking(0), false],
    [thinking(0, 'Hm'), false],
    [close(0), false],
    [ping, false],
  ];
  assertReleases([...thought, [openText(1), false], [text(1, 'x'), true]]);
  assertReleases([...thought, [openTool(1), false], [close(1), true]]);
  assertReleases([...thought, [end('end_turn'), true]]);
  assertReleases([
    ...thought,
    [open(1, { type: 'redacted_thinking', data: 'x' }), false],
    [close(1), false],
    [openText(2), false],
    [text(2, 'x'), true],
  ]);
});

test('live thinking is released from its first word on, its signature with what follows', () => {
  const signature = delta(0, { type: 'signature_delta', signature: 'Er' });
  assertReleases(
    [
      [start, false],
      [openThinking(0), false],
      [thinking(0, ''), false],
      [thinking(0, 'Hm'), true],
      [ping, true],
      [signature, false],
      [close(0), false],
      [ping, false],
      [openThinking(1), false],
      [thinking(1, 'So'), true],
      [close(1), false],
      [openTool(2), false],
      [close(2), true],
      [end('tool_use'), true],
    ],
    { liveThinking: true },
  );
});

test('thinking is held likewise between blocks that are released', () => {
  assertReleases([
    [start, false],
    [openText(0), false],
    [text(0, 'x'), true],
    [close(0), true],
    [openThinking(1), false],
    [close(1), false],
    [ping, false],
    [openText(2), false],
    [text(2, 'y'), true],
  ]);
});

test('a message_delta without stop_reason leaves the one before it', () => {
  const stream = assertReleases([
    [start, false],
    [end('end_turn'), true],
    [end(null), true],
    [stop, true],
  ]);
  assert.equal(stream.stopReason, 'end_turn');
});

test('a server tool is held until its result, a whole tool or the end', () => {
  const asked: [string, boolean][] = [
    [start, false],
    [openServerTool(0, 'a'), false],
    [close(0), false],
    [ping, false],
  ];
  assertReleases([...asked, [result(1, 'a'), true]]);
  assertReleases([
    ...asked,
    [openServerTool(1, 'b'), false],
    [close(1), false],
    [result(2, 'a'), false],
    [result(3, 'b'), true],
  ]);
  assertReleases([...asked, [openText(1), false], [text(1, 'x'), false], [close(1), false], [result(2, 'a'), true]]);
  assertReleases([...asked, [openTool(1), false], [close(1), true]]);
  assertReleases([...asked, [end('pause_turn'), true]]);
});

test('blocks of unknown type are released whole', () => {
  assertReleases([
    [start, false],
    [open(0, { type: 'hologram' }), false],
    [delta(0, { type: 'hologram_delta' }), false],
    [close(0), true],
  ]);
});

test('broken tool arguments pass when the model was cut, or when they are not validated', () => {
  const tool = [start, openTool(0), json(0, '{"a'), close(0)];
  for (const reason of ['max_tokens', 'model_context_window_exceeded', 'refusal', 'pause_turn']) {
    assert.deepEqual(releasedAfter([...tool, end(null), end(reason), stop]), [
      false,
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  }
  const lax = new MessageStream({ validateTools: false });
  assert.deepEqual(releasedAfter([...tool, end('tool_use')], lax), [false, false, false, true, true]);
});

test('more than can be held is released, and nothing is held from then on', () => {
  const piece = 'x'.repeat(2 ** 20);
  const stream = feed(start, openTool(0), json(0, `{"a":"`));
  for (let held = 0; held < heldBytesMax / piece.length - 1; held++) {
    stream.feed(Buffer.from(json(0, piece)));
    assert.equal(stream.releasable, 0);
  }
  assert.deepEqual(
    releasedAfter(
      [json(0, piece), ping, json(0, '!'), close(0), openThinking(1), close(1), end('tool_use'), stop],
      stream,
    ),
    Array(8).fill(true),
  );
  assert.deepEqual([stream.fault, stream.stopped], [null, true]);
});
