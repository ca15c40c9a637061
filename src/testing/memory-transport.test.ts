import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExchangeHandler, UpstreamRequest } from '../core/transport.ts';
import { memoryTransport, type Respond } from './memory-transport.ts';
import { VirtualClock } from './virtual-clock.ts';

const request: UpstreamRequest = {
  origin: 'http://upstream.test',
  method: 'POST',
  path: '/v1/messages',
  headers: ['x-api-key', 'k'],
  body: null,
  fresh: false,
};

/** A handler that writes down what it hears, one word each. */
function recorder(): ExchangeHandler & { readonly heard: string[] } {
  const heard: string[] = [];
  return {
    heard,
    started: (reused) => heard.push(`started ${reused}`),
    head: (status, headers) => heard.push(`head ${status} ${headers.join(':')}`),
    data: (chunk) => heard.push(`data ${Buffer.from(chunk).toString()}`),
    end: () => heard.push('end'),
    failed: ({ code }) => heard.push(`failed ${code}`),
  };
}

test('an exchange is told in order, and not before the transport has returned', async () => {
  const clock = new VirtualClock(0);
  const transport = memoryTransport({
    clock,
    connectMs: 40,
    upstream: (asked, respond) => {
      assert.equal(asked, request);
      clock.after(60, () => respond.answer(200, ['request-id', 'r1'], 'hello'));
    },
  });
  const handler = recorder();
  transport(request, handler);
  assert.deepEqual(handler.heard, []);
  await clock.advance(40);
  assert.deepEqual(handler.heard, ['started false']);
  assert.equal(transport.open, 1);
  await clock.advance(60);
  assert.deepEqual(handler.heard, ['started false', 'head 200 request-id:r1', 'data hello', 'end']);
  assert.equal(transport.open, 0);
  assert.equal(clock.pendingTimers, 0);
});

test('a refused connection never starts and the upstream never hears of it', async () => {
  const clock = new VirtualClock();
  const transport = memoryTransport({
    clock,
    refuse: () => ({ code: 'ECONNREFUSED', message: 'nobody there' }),
    upstream: () => assert.fail('the upstream was asked'),
  });
  const handler = recorder();
  transport(request, handler);
  await clock.advance(0);
  assert.deepEqual(handler.heard, ['failed ECONNREFUSED']);
  assert.equal(transport.open, 0);
});

test('a fresh connection is never a reused one', async () => {
  const clock = new VirtualClock();
  const transport = memoryTransport({
    clock,
    reused: () => true,
    upstream: (_, respond) => respond.fail('ECONNRESET'),
  });
  const [reusing, fresh] = [recorder(), recorder()];
  transport(request, reusing);
  transport({ ...request, fresh: true }, fresh);
  await clock.advance(0);
  assert.deepEqual(reusing.heard, ['started true', 'failed ECONNRESET']);
  assert.deepEqual(fresh.heard, ['started false', 'failed ECONNRESET']);
});

test('an abort tells the upstream once and silences it', async () => {
  const clock = new VirtualClock();
  let aborts = 0;
  let responding: Respond | null = null;
  const transport = memoryTransport({
    clock,
    upstream: (_, respond) => {
      responding = respond;
      respond.onAbort(() => aborts++);
      respond.head(200);
      clock.after(10, () => respond.answer(200, [], 'too late'));
    },
  });
  const handler = recorder();
  const exchange = transport(request, handler);
  await clock.advance(5);
  exchange.abort();
  exchange.abort();
  await clock.advance(10);
  assert.deepEqual(handler.heard, ['started false', 'head 200 ']);
  assert.equal(aborts, 1);
  assert.equal(transport.open, 0);
  let late = false;
  (responding as Respond | null)?.onAbort(() => {
    late = true;
  });
  assert.equal(late, true);
});

test('an abort before the connection stands leaves nothing behind', async () => {
  const clock = new VirtualClock();
  const transport = memoryTransport({ clock, connectMs: 10, upstream: () => assert.fail('the upstream was asked') });
  const handler = recorder();
  transport(request, handler).abort();
  assert.equal(clock.pendingTimers, 0);
  await clock.advance(20);
  assert.deepEqual(handler.heard, []);
  assert.equal(transport.open, 0);
});

test('a paused reader hears the rest, in order, when it resumes', async () => {
  const clock = new VirtualClock();
  const transport = memoryTransport({ clock, upstream: (_, respond) => respond.answer(200, [], 'whole') });
  const handler = recorder();
  const exchange = transport(request, handler);
  exchange.pause();
  await clock.advance(0);
  assert.deepEqual(handler.heard, ['started false']);
  assert.equal(transport.open, 1);
  exchange.resume();
  assert.deepEqual(handler.heard, ['started false', 'head 200 ', 'data whole', 'end']);
  assert.equal(transport.open, 0);
});

test('what follows the end is dropped', async () => {
  const clock = new VirtualClock();
  const transport = memoryTransport({
    clock,
    upstream: (_, respond) => {
      respond.answer(200, [], 'x');
      respond.data('y');
      respond.fail('ECONNRESET');
    },
  });
  const handler = recorder();
  transport(request, handler);
  await clock.advance(0);
  assert.deepEqual(handler.heard, ['started false', 'head 200 ', 'data x', 'end']);
});
