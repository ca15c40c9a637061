import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CollectReply } from './collect-reply.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('it keeps head, chunks and end', async () => {
  const reply = new CollectReply();
  reply.head(529, ['Request-Id', 'r1', 'x', 'y']);
  const buffer = bytes('{"type":');
  assert.equal(reply.write(buffer), true);
  buffer.fill(0);
  reply.accepts = false;
  assert.equal(reply.write(bytes('"error"}')), false);
  reply.end();
  assert.equal(await reply.done, reply);
  assert.equal(reply.state, 'ended');
  assert.equal(reply.status, 529);
  assert.equal(reply.header('request-id'), 'r1');
  assert.equal(reply.header('retry-after'), null);
  assert.deepEqual(reply.json(), { type: 'error' });
  assert.equal(reply.chunks.length, 2);
});

test('a destroyed reply is told from an ended one', async () => {
  const reply = new CollectReply();
  reply.head(200, []);
  reply.write(bytes('half'));
  const error = new Error('cut');
  reply.destroy(error);
  await reply.done;
  assert.equal(reply.state, 'destroyed');
  assert.equal(reply.error, error);
  assert.equal(reply.text(), 'half');
});

test('events are read across chunks and line ends; an unfinished one does not count', () => {
  const reply = new CollectReply();
  reply.head(200, []);
  const stream =
    ': ping\n\nevent: message_start\r\ndata: {"type":\r\ndata: "message_start"}\r\n\r\ndata:no json – größer\n\nevent: x\ndata: 1\n';
  const whole = bytes(stream);
  for (let at = 0; at < whole.length; at += 7) reply.write(whole.subarray(at, at + 7));
  assert.deepEqual(reply.events(), [
    { event: 'message_start', data: { type: 'message_start' } },
    { event: '', data: 'no json – größer' },
  ]);
});

test('a cut character is not papered over', () => {
  const reply = new CollectReply();
  reply.head(200, []);
  reply.write(bytes('ö').subarray(0, 1));
  assert.throws(() => reply.text(), TypeError);
});

test('whoever breaks the contract of a reply is told', () => {
  const reply = new CollectReply();
  assert.throws(() => reply.write(bytes('x')), /write when the reply is before-head/);
  assert.throws(() => reply.end(), /end when the reply is before-head/);
  reply.head(200, []);
  assert.throws(() => reply.head(200, []), /head when the reply is open/);
  reply.end();
  assert.throws(() => reply.write(bytes('x')), /write when the reply is ended/);
  assert.throws(() => reply.destroy(new Error('late')), /destroy after ended/);
});
