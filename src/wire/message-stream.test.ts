import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  close,
  comment,
  end,
  event,
  failed,
  feed,
  json,
  openText,
  openTool,
  ping,
  releasedAfter,
  start,
  stop,
  text,
} from '../../test/fixtures/stream-events.ts';
import { eventBytesMax, heldBytesMax } from '../core/limits.ts';
import { MessageStream } from './message-stream.ts';

function assertProtocolFault(stream: MessageStream, message: RegExp): void {
  assert.equal(stream.fault?.kind, 'protocol');
  assert.match(stream.fault?.message ?? '', message);
  assert.match(stream.fault?.message ?? '', /^[A-Z].*\.$/s);
}

test('broken tool arguments of a model that finished are a fault', () => {
  const stream = feed(start, openText(0), text(0, 'x'), close(0));
  const released = stream.bytes;
  assert.deepEqual(
    releasedAfter([openTool(1), json(1, '{"a":"\t"}'), close(1), openText(2), text(2, 'y'), close(2)], stream).some(
      Boolean,
    ),
    false,
  );
  stream.feed(Buffer.from(end('tool_use')));
  assert.equal(stream.fault?.kind, 'tool-json');
  assert.equal(stream.releasable, released);
});

test('pass accepts broken arguments and loses nothing of what follows them', () => {
  const head = start + openTool(0) + json(0, '{"a') + close(0) + end('tool_use');
  const tail = ping + stop;
  for (const chunks of [[head + tail], [head, tail], [head + ping, stop], [head, '', ...tail]]) {
    const stream = feed(...chunks);
    assert.deepEqual([stream.fault?.kind, stream.releasable, stream.stopped], ['tool-json', 0, false]);
    stream.pass();
    assert.deepEqual([stream.fault, stream.stopReason, stream.stopped], [null, 'tool_use', true]);
    assert.equal(stream.releasable, Buffer.byteLength(head + tail));
    assert.equal(stream.bytes, stream.releasable);
  }
});

test('pass lifts no other fault', () => {
  const stream = feed(start, failed);
  stream.pass();
  assert.deepEqual([stream.fault?.kind, stream.releasable], ['error-event', 0]);
});

test('an error event ends the stream, named or not, and frees nothing', () => {
  const data = '{"type": "error", "error": {"type":"overloaded_error","message":"größer"}  }';
  for (const each of [`event: error\ndata: ${data}\n\n`, `data: ${data}\n\n`, `event: error\r\ndata:${data}\r\n\r\n`]) {
    const stream = feed(start, openText(0), text(0, 'x'), close(0));
    const released = stream.bytes;
    stream.feed(Buffer.from(openTool(1) + each + close(1)));
    assert.equal(stream.fault?.kind, 'error-event');
    assert.equal(Buffer.from(stream.fault?.body ?? []).toString(), data);
    assert.equal(stream.releasable, released);
  }
  assert.deepEqual(Buffer.from(feed('event: error\ndata: overloaded\n\n').fault?.body ?? []).toString(), 'overloaded');
  const bare = feed(start, openText(0), text(0, 'x'), 'data: {"error":{"code":502,"message":"x"}}\n\n');
  assert.equal(bare.fault?.kind, 'error-event');
});

test('the body of an error does not share memory with the chunk', () => {
  const chunk = Buffer.from(failed);
  const stream = new MessageStream();
  stream.feed(chunk);
  chunk.fill(0);
  assert.match(Buffer.from(stream.fault?.body ?? []).toString(), /overloaded_error/);
});

test('what breaks the protocol is a fault', () => {
  const cases: [parts: string[], message: RegExp][] = [
    [[openText(0)], /content_block_start came before message_start/],
    [[end('end_turn')], /message_delta came before message_start/],
    [[start, start], /second message_start/],
    [[start, openText(0), openText(0)], /block 0 began where block 1/],
    [[start, openText(1)], /block 1 began where block 0/],
    [[start, openText(0), close(0), text(0, 'x')], /block 0, which is not open/],
    [[start, text(0, 'x')], /block 0, which is not open/],
    [[start, openText(0), close(0), close(0)], /stop came for content block 0/],
    [[start, openText(0), text(0, 'x'), end('end_turn')], /block was open/],
    [[start, stop], /before any stop_reason/],
    [['event: message_start\ndata: <html>\n\n'], /message_start .* no JSON object/],
    [[start, 'event: content_block_stop\ndata: []\n\n'], /no JSON object/],
    [[start, event('content_block_stop')], /no index/],
    [[start, event('content_block_start', { index: 0 })], /no content_block/],
    [[start, event('content_block_delta', { index: 0 })], /no delta/],
    [[start, event('message_delta')], /no delta/],
    [[start, 'data: {"type":"content_bl\n\n'], /nameless .* no JSON object/],
  ];
  for (const [parts, message] of cases) {
    const stream = feed(...parts);
    assertProtocolFault(stream, message);
    const { releasable, progress } = stream;
    stream.feed(Buffer.from(end('end_turn') + stop));
    assert.deepEqual([stream.releasable, stream.progress, stream.stopped], [releasable, progress, false]);
  }
});

test('a broken text delta is never released', () => {
  const broken = ['a\nb', 'a\u0001b', 'a\\', 'a\\x', 'a"', 'a"}}}', '\\u12'];
  for (const value of broken) {
    const stream = feed(start, openText(0), text(0, 'x'));
    const { releasable } = stream;
    stream.feed(Buffer.from(text(0, 'VALUE').replace('VALUE', value)));
    assertProtocolFault(stream, /content_block_delta .* no JSON object/);
    assert.equal(stream.releasable, releasable);
  }
});

test('events without a name are known by their type, as far as they are JSON', () => {
  const nameless = [start, openText(0), text(0, 'x'), 'data: [DONE]\n\n', close(0), end('end_turn'), stop];
  const stream = feed(...nameless.map((each) => each.replace(/event: .*\n/, '')));
  assert.deepEqual([stream.fault, stream.stopped, stream.releasable], [null, true, stream.bytes]);
});

test('bytes that are not UTF-8 are never released', () => {
  const stream = feed(start, openText(0), text(0, 'x'));
  const { releasable } = stream;
  stream.feed(Buffer.from(text(0, 'ab').replace('b', 'é'), 'latin1'));
  assertProtocolFault(stream, /not UTF-8/);
  assert.equal(stream.releasable, releasable);
});

test('an event whose data is of another type than its name is none', () => {
  const stream = feed(
    start,
    openText(0),
    text(0, 'x'),
    'event: content_block_stop\ndata: {"type":"message_stop","index":0}\n\n',
  );
  assertProtocolFault(stream, /content_block_stop .* of another type/);
});

test('the name of an event outweighs its type', () => {
  const stream = feed(start, openText(0), text(0, 'x'), 'event: telemetry\ndata: {"type":"error"}\n\n');
  assert.deepEqual([stream.fault, stream.releasable], [null, stream.bytes]);
});

test('a flood before message_start is a fault', () => {
  const flood = Buffer.from(comment.repeat(100_000));
  const stream = new MessageStream();
  for (let bytes = 0; bytes <= heldBytesMax; bytes += flood.length) stream.feed(flood);
  assertProtocolFault(stream, /before message_start/);
  assert.equal(stream.releasable, 0);
});

test('an event without end is a fault', () => {
  const stream = feed(start, openText(0), text(0, 'x'));
  const { releasable } = stream;
  const block = Buffer.alloc(2 ** 22, 'x');
  for (let bytes = 0; bytes <= eventBytesMax; bytes += block.length) stream.feed(block);
  assertProtocolFault(stream, /larger than/);
  assert.equal(stream.releasable, releasable);
});

test('many pings in a row are healthy', () => {
  const stream = feed(start, openText(0), text(0, 'x'), ping.repeat(20_000));
  assert.deepEqual([stream.fault, stream.releasable, stream.progress], [null, stream.bytes, 3]);
});
