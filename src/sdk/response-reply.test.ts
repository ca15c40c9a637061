import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import type { Flow } from '../core/call.ts';
import { ResponseReply } from './response-reply.ts';

/** A reply with a flow that counts. */
function stage(method = 'POST', signal: AbortSignal | null = null) {
  const told = { resumed: 0, aborted: 0 };
  const flow: Flow = { resume: () => told.resumed++, abort: () => told.aborted++ };
  const reply = new ResponseReply(method, signal);
  reply.attach(flow);
  return { reply, told };
}

const large = new Uint8Array(64 * 1024);

test('an answer becomes a Response of the platform, with all headers', async () => {
  const { reply } = stage();
  reply.head(200, ['Content-Type', 'application/json', 'set-cookie', 'a=1', 'set-cookie', 'b=2']);
  reply.write(Buffer.from('{"a":'));
  reply.write(Buffer.from('1}'));
  reply.end();
  const response = await reply.response;
  assert.ok(response instanceof Response);
  assert.deepEqual([response.status, response.statusText, response.ok], [200, 'OK', true]);
  assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
  assert.deepEqual(await response.json(), { a: 1 });
});

test('a reader that is behind pauses the flow, and resumes it by reading', async () => {
  const { reply, told } = stage();
  reply.head(200, []);
  const reader = ((await reply.response).body as ReadableStream<Uint8Array>).getReader();
  assert.equal(reply.write(new Uint8Array(1)), true);
  assert.equal(reply.write(large), false);
  const before = told.resumed;
  await reader.read();
  await reader.read();
  assert.ok(told.resumed > before);
  assert.equal(reply.write(new Uint8Array(1)), true);
});

test('what was written stays as it was, whatever becomes of the chunk', async () => {
  const { reply } = stage();
  reply.head(200, []);
  const chunk = Buffer.from('abc');
  reply.write(chunk);
  chunk.fill(0);
  reply.end();
  assert.equal(await (await reply.response).text(), 'abc');
});

test('a cancelled body aborts the flow, once', async () => {
  const { reply, told } = stage();
  reply.head(200, []);
  const response = await reply.response;
  await response.body?.cancel();
  assert.equal(told.aborted, 1);
});

test('a signal aborts before the head, and nothing hangs on it afterwards', async () => {
  const aborter = new AbortController();
  const { reply, told } = stage('POST', aborter.signal);
  const reason = new Error('enough');
  aborter.abort(reason);
  await assert.rejects(reply.response, reason);
  assert.equal(told.aborted, 1);
  assert.equal(getEventListeners(aborter.signal, 'abort').length, 0);
});

test('a signal aborts in the middle of a body', async () => {
  const aborter = new AbortController();
  const { reply, told } = stage('POST', aborter.signal);
  reply.head(200, []);
  reply.write(Buffer.from('abc'));
  const response = await reply.response;
  aborter.abort(new Error('enough'));
  await assert.rejects(response.text(), /enough/);
  assert.equal(told.aborted, 1);
});

test('a signal that aborts after the end changes nothing', async () => {
  const aborter = new AbortController();
  const { reply, told } = stage('POST', aborter.signal);
  reply.head(200, []);
  reply.write(Buffer.from('abc'));
  reply.end();
  assert.equal(getEventListeners(aborter.signal, 'abort').length, 0);
  aborter.abort();
  assert.equal(await (await reply.response).text(), 'abc');
  assert.equal(told.aborted, 0);
});

test('an answer that breaks off is an error to its reader, never an end', async () => {
  const { reply } = stage();
  reply.head(200, []);
  reply.write(Buffer.from('abc'));
  const response = await reply.response;
  reply.destroy(new Error('cut'));
  await assert.rejects(response.text(), (error) => error instanceof TypeError && error.message === 'terminated');
});

test('answers without a body have none', async () => {
  for (const [method, status] of [
    ['POST', 204],
    ['GET', 304],
    ['HEAD', 200],
  ] as const) {
    const { reply } = stage(method);
    reply.head(status, []);
    reply.write(Buffer.from('ignored'));
    reply.end();
    const response = await reply.response;
    assert.deepEqual([response.status, response.body], [status, null]);
  }
});

test('a status that no Response can have is a bad gateway', async () => {
  const { reply } = stage();
  reply.head(999, []);
  reply.end();
  assert.equal((await reply.response).status, 502);
});
