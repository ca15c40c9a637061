import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransportError, UpstreamRequest } from '../core/transport.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { type Next, nextTransport } from './next-transport.ts';

const url = 'http://upstream.test/base/v1/messages';

const sent: UpstreamRequest = {
  origin: 'http://upstream.test',
  method: 'POST',
  path: '/base/v1/messages',
  headers: ['x-api-key', 'k', 'accept-encoding', 'identity'],
  body: Buffer.from('{"model":"ü"}'),
  fresh: false,
};

/** One exchange over `next`; `done` resolves with what the handler heard. */
function exchange(next: Next, change: Partial<UpstreamRequest> = {}, headers: Record<string, string> = {}) {
  const clock = new VirtualClock();
  const heard: string[] = [];
  const failures: TransportError[] = [];
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const others = () => {
    resolve(['others']);
    return { pause() {}, resume() {}, abort() {} };
  };
  const request = {
    url,
    method: 'POST',
    headers: new Headers({ 'x-api-key': 'k', 'ridethrough-key': 'x', ...headers }),
    body: 'original',
  };
  const running = nextTransport({ request, next, url, others, clock })(
    { ...sent, ...change },
    {
      started: () => heard.push('started'),
      head: (status, list) => heard.push(`head ${status} ${list.join(':')}`),
      data: (chunk) => heard.push(`data ${Buffer.from(chunk).toString()}`),
      end: () => resolve([...heard, 'end']),
      failed: (error) => {
        failures.push(error);
        resolve([...heard, `failed ${error.code}`]);
      },
    },
  );
  return { clock, running, heard, failures, request, done: promise };
}

test("an attempt goes through next with the engine's changes, on a copy of the request", async () => {
  const asked: { headers: Headers; body?: unknown }[] = [];
  const { done, request } = exchange(async (copy) => {
    asked.push(copy);
    return new Response('hello', { headers: { 'request-id': 'r1' } });
  });
  assert.deepEqual(await done, [
    'started',
    'head 200 content-type:text/plain;charset=UTF-8:request-id:r1',
    'data hello',
    'end',
  ]);
  assert.equal(asked[0]?.body, '{"model":"ü"}');
  assert.deepEqual([...(asked[0]?.headers.keys() ?? [])], ['accept-encoding', 'x-api-key']);
  assert.deepEqual([request.body, request.headers.get('ridethrough-key')], ['original', 'x']);
});

test('another address, and another key at the same address, do not go through next', async () => {
  const never: Next = () => assert.fail('next was called');
  assert.deepEqual(await exchange(never, { origin: 'http://spare.test' }).done, ['others']);
  assert.deepEqual(await exchange(never, { headers: ['x-api-key', 'another'] }).done, ['others']);
});

test('what next throws is told by its innermost code', async () => {
  const socket = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  const addresses = new AggregateError([Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })], 'all');
  const cases: [Error, string][] = [
    [new TypeError('fetch failed', { cause: socket }), 'ECONNRESET'],
    [new TypeError('fetch failed', { cause: addresses }), 'ECONNREFUSED'],
    [new TypeError('odd'), 'TypeError'],
  ];
  for (const [error, code] of cases) {
    const { done } = exchange(async () => {
      throw error;
    });
    assert.deepEqual(await done, ['started', `failed ${code}`]);
  }
});

test('a body that breaks off is a failure after its head', async () => {
  const { done } = exchange(async () => {
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulls++ === 0) controller.enqueue(Buffer.from('a'));
        else
          controller.error(
            new TypeError('terminated', { cause: Object.assign(new Error(), { code: 'UND_ERR_SOCKET' }) }),
          );
      },
    });
    return new Response(body);
  });
  assert.deepEqual(await done, ['started', 'head 200 ', 'data a', 'failed UND_ERR_SOCKET']);
});

test('an attempt ends before the SDK would abort the whole request for it', async () => {
  const aborted: boolean[] = [];
  const silent: Next = (request) =>
    new Promise((_, reject) => {
      request.signal?.addEventListener('abort', () => {
        aborted.push(true);
        reject(request.signal?.reason);
      });
    });
  const { clock, done, failures } = exchange(silent, {}, { 'x-stainless-timeout': '10' });
  await clock.advance(9_499);
  assert.deepEqual(failures, []);
  await clock.advance(1);
  assert.deepEqual(await done, ['started', 'failed first_byte_timeout']);
  assert.deepEqual(aborted, [true]);
  assert.equal(clock.pendingTimers, 0);
});

test('an abort reaches the signal of the attempt, and nothing is told afterwards', async () => {
  const signals: (AbortSignal | null | undefined)[] = [];
  const { running, heard, clock } = exchange((request) => {
    signals.push(request.signal);
    return new Promise((_, reject) => request.signal?.addEventListener('abort', () => reject(new Error('aborted'))));
  });
  await clock.advance(0);
  running.abort();
  running.abort();
  await clock.advance(0);
  assert.equal(signals[0]?.aborted, true);
  assert.deepEqual(heard, ['started']);
});

test('a paused reader stops the reading of the body', async () => {
  let pulls = 0;
  const { running, heard, clock, done } = exchange(async () => {
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (++pulls > 3) controller.close();
          else controller.enqueue(Buffer.from(String(pulls)));
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(body);
  });
  running.pause();
  await clock.advance(0);
  assert.deepEqual([heard, pulls], [['started', 'head 200 '], 0]);
  running.resume();
  assert.deepEqual((await done).slice(2), ['data 1', 'data 2', 'data 3', 'end']);
});

test('a body that fetch has decoded is not said to be coded', async () => {
  const headers = { 'content-encoding': 'gzip', 'content-length': '9', 'request-id': 'r1' };
  const { done } = exchange(async () => new Response('hello', { headers }));
  assert.equal((await done)[1], 'head 200 content-type:text/plain;charset=UTF-8:request-id:r1');
});

test('the end of an attempt is told to a body that does not listen to the signal', async () => {
  for (const paused of [false, true]) {
    const { promise: cancelled, resolve } = Promise.withResolvers<void>();
    const { promise: read, resolve: pulled } = Promise.withResolvers<void>();
    const body = new ReadableStream({ pull: () => pulled(), cancel: () => resolve() }, { highWaterMark: 0 });
    const { running, clock } = exchange(async () => new Response(body));
    if (paused) running.pause();
    else await read;
    await clock.advance(1);
    running.abort();
    await cancelled;
  }
});
