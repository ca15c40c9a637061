import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { AttemptEvent } from '../../src/core/events.ts';
import { messagesBody, openUpstream, post } from './http-upstream.ts';
import { ride, simulate, soon } from './stage.ts';

/** An upstream that takes requests and is silent; `arrived` resolves with the first. */
async function silence(context: TestContext) {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
  const url = await openUpstream(context, (request) => resolve(request));
  return { url, arrived: promise };
}

test('a signal that has aborted already sends nothing', async (context) => {
  const simulator = await simulate(context);
  const reason = new Error('too late');
  const signal = AbortSignal.abort(reason);
  await assert.rejects(ride(context).fetch(`${simulator.url}/v1/messages`, post(messagesBody(), { signal })), reason);
  assert.equal(simulator.count(), 0);
});

test('an abort before the head rejects with its reason, and the upstream is told', async (context) => {
  const { url, arrived } = await silence(context);
  const aborter = new AbortController();
  const answer = ride(context).fetch(`${url}/v1/messages`, post(messagesBody(), { signal: aborter.signal }));
  const request = await arrived;
  const reason = new Error('enough');
  aborter.abort(reason);
  await assert.rejects(answer, reason);
  await once(request.socket, 'close');
});

for (const way of ['the signal', 'cancelling the body'] as const) {
  test(`${way} ends a stream, and the upstream is told`, async (context) => {
    const requests: IncomingMessage[] = [];
    const url = await openUpstream(context, (request, response) => {
      requests.push(request);
      response.writeHead(200, { 'content-type': 'application/x-jsonl' });
      response.write('first\n');
    });
    const aborter = new AbortController();
    const headers = { 'x-api-key': 'k' };
    const init = { headers, signal: aborter.signal };
    const response = await ride(context).fetch(`${url}/v1/messages/batches/b/results`, init);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    assert.equal(Buffer.from((await reader.read()).value ?? []).toString(), 'first\n');
    if (way === 'the signal') {
      aborter.abort(new Error('enough'));
      await assert.rejects(reader.read(), /enough/);
    } else {
      await reader.cancel();
    }
    await once((requests[0] as IncomingMessage).socket, 'close');
  });
}

test('a reader that is behind holds up the upstream, and loses nothing', async (context) => {
  const total = 64 * 2 ** 20;
  let written = 0;
  const url = await openUpstream(context, async (_request, response) => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    response.on('close', () => {
      written = Number.NaN;
    });
    while (written < total) {
      written += chunk.length;
      if (!response.write(chunk)) await once(response, 'drain');
    }
    response.end();
  });
  const response = await ride(context).fetch(`${url}/v1/files/f/content`, { headers: { 'x-api-key': 'k' } });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let read = (await reader.read()).value?.length ?? 0;
  // Other requests meanwhile are time enough for all that would come unasked.
  const other = await simulate(context);
  for (let i = 0; i < 20; i++) await (await fetch(`${other.url}/api/hello`)).text();
  assert.ok(written < total / 2, `${written} bytes were sent to a reader of ${read}`);
  for (let part = await reader.read(); !part.done; part = await reader.read()) read += part.value.length;
  assert.equal(read, total);
});

test('an abort while the body of a message is still read rejects with its reason, and the body is told', async (context) => {
  const simulator = await simulate(context);
  const { promise: told, resolve: tell } = Promise.withResolvers<unknown>();
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from('{"model":')),
    cancel: tell,
  });
  const aborter = new AbortController();
  const init = { method: 'POST', body, duplex: 'half', signal: aborter.signal } as RequestInit;
  const answer = ride(context).fetch(`${simulator.url}/v1/messages`, init);
  const reason = new Error('enough');
  aborter.abort(reason);
  await assert.rejects(answer, reason);
  assert.equal(await told, reason);
  assert.equal(simulator.count(), 0);
});

test('a body without end is refused as too large, and not read into memory for ever', async (context) => {
  const simulator = await simulate(context);
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(2 ** 20)),
  });
  const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
  assert.equal((await ride(context).fetch(`${simulator.url}/v1/messages`, init)).status, 413);
  assert.equal(simulator.count(), 0);
});

test('an upload whose own body breaks rejects as with fetch, and speaks against no upstream', async (context) => {
  const { url, arrived } = await silence(context);
  const events: AttemptEvent[] = [];
  const { fetch } = ride(context, { ...soon, observer: { attempt: (event) => events.push(event) } });
  const broken = new Error('the disk is gone');
  const body = new ReadableStream({
    async pull(controller) {
      controller.enqueue(Buffer.from('begun'));
      await arrived;
      controller.error(broken);
    },
  });
  const init = { method: 'POST', body, duplex: 'half', headers: { 'x-api-key': 'k' } } as RequestInit;
  const rejected = (error: Error) => error instanceof TypeError && error.cause === broken;
  await assert.rejects(fetch(`${url}/v1/files`, init), rejected);
  assert.deepEqual(
    events.map(({ failure, aborted }) => [failure, aborted]),
    [[null, true]],
  );
});
