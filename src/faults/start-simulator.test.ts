import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import Anthropic, { toFile } from '@anthropic-ai/sdk';
import { systemClock } from '../core/clock.ts';
import { RidethroughError } from '../core/errors.ts';
import { ask, observe } from '../testing/observe.ts';
import { expectedAnswer } from './api/answer.ts';
import { models } from './api/models.ts';
import type { Simulator, SimulatorOptions } from './simulator.ts';
import { startSimulator } from './start-simulator.ts';

type Params = Anthropic.MessageCreateParamsNonStreaming;
const params: Params = { model: 'claude-opus-5-5', max_tokens: 400, messages: [{ role: 'user', content: 'Hello' }] };
const weather: Anthropic.Tool = {
  name: 'weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** Runs a simulator and the official SDK around a test; nothing of either is left. */
async function withSdk(
  run: (client: Anthropic, simulator: Simulator) => Promise<void>,
  options: SimulatorOptions = {},
): Promise<void> {
  const simulator = await startSimulator(options);
  try {
    await run(new Anthropic({ apiKey: 'sk-ant-test', baseURL: simulator.url, maxRetries: 0 }), simulator);
  } finally {
    await simulator.close();
  }
}

/** Without what the SDK adds to an answer. */
function plain(message: object): object {
  const { parsed_output: _, ...rest } = message as { parsed_output?: unknown };
  return rest;
}

test('the official SDK creates and streams, and gets the answer that was to be expected', () =>
  withSdk(async (client) => {
    for (const more of [{}, { thinking: { type: 'adaptive' as const } }, { tools: [weather] }]) {
      const request = { ...params, ...more };
      const expected = expectedAnswer(JSON.stringify(request));
      assert.deepEqual(plain(await client.messages.create(request)), expected);
      assert.deepEqual(plain(await client.messages.stream(request).finalMessage()), expected);
    }
  }));

test('a conversation with thinking and tools goes on over several turns', () =>
  withSdk(async (client) => {
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'What is the weather?' }];
    const request = { ...params, tools: [weather], thinking: { type: 'adaptive' as const } };
    const first = await client.messages.create({ ...request, messages });
    const call = first.content.find((block) => block.type === 'tool_use');
    assert.equal(first.stop_reason, 'tool_use');
    messages.push({ role: 'assistant', content: first.content });
    messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'rain' }] });
    const second = await client.messages.create({ ...request, messages });
    assert.equal(second.stop_reason, 'end_turn');
    messages.push({ role: 'assistant', content: second.content }, { role: 'user', content: 'Thanks!' });
    assert.equal((await client.messages.create({ ...request, messages })).role, 'assistant');
  }));

test('tokens are counted and models are listed, page by page', () =>
  withSdk(async (client) => {
    const { max_tokens: _, ...counted } = params;
    const { input_tokens } = await client.messages.countTokens(counted);
    assert.equal(input_tokens, expectedAnswer(JSON.stringify(params)).usage.input_tokens);
    const ids: string[] = [];
    for await (const model of client.models.list({ limit: 5 })) ids.push(model.id);
    assert.deepEqual(
      ids,
      models.map(({ id }) => id),
    );
    assert.equal((await client.models.retrieve('claude-haiku-4-5')).max_tokens, 64_000);
    await assert.rejects(client.models.retrieve('claude-none'), Anthropic.NotFoundError);
  }));

test('batches are created, end, give their results once each, and can be cancelled, listed and deleted', () =>
  withSdk(async (client) => {
    const bad = { ...params, max_tokens: 0 };
    const requests = [
      { custom_id: 'good', params },
      { custom_id: 'bad', params: bad },
    ];
    const { id, processing_status, request_counts } = await client.messages.batches.create({ requests });
    assert.deepEqual([processing_status, request_counts.processing], ['in_progress', 2]);
    const ended = await client.messages.batches.retrieve(id);
    assert.deepEqual([ended.request_counts.succeeded, ended.request_counts.errored], [1, 1]);
    const results = new Map<string, Anthropic.Messages.MessageBatchResult>();
    for await (const line of await client.messages.batches.results(id)) results.set(line.custom_id, line.result);
    const good = results.get('good');
    assert.deepEqual(good?.type === 'succeeded' && good.message, expectedAnswer(JSON.stringify(params)));
    assert.equal(results.get('bad')?.type, 'errored');
    const other = await client.messages.batches.create({ requests });
    assert.equal((await client.messages.batches.cancel(other.id)).processing_status, 'canceling');
    assert.equal((await client.messages.batches.retrieve(other.id)).request_counts.canceled, 2);
    const listed: string[] = [];
    for await (const batch of client.messages.batches.list({ limit: 1 })) listed.push(batch.id);
    assert.deepEqual(listed, [other.id, id]);
    await client.messages.batches.delete(id);
    await assert.rejects(client.messages.batches.retrieve(id), Anthropic.NotFoundError);
    await assert.rejects(client.messages.batches.create({ requests: [] }), Anthropic.BadRequestError);
  }));

test('files are uploaded, described, listed and deleted, and may not be downloaded', () =>
  withSdk(async (client) => {
    const upload = () => toFile(Buffer.from('a,b\n1,2\n'), 'table.csv', { type: 'text/csv' });
    const first = await client.files.upload({ file: await upload() });
    const second = await client.files.upload({ file: await upload() });
    assert.deepEqual([first.filename, first.mime_type, first.size_bytes], ['table.csv', 'text/csv', 8]);
    assert.deepEqual(await client.files.retrieveMetadata(first.id), first);
    const listed: string[] = [];
    for await (const file of client.files.list({ limit: 1 })) listed.push(file.id);
    assert.deepEqual(listed, [second.id, first.id]);
    await assert.rejects(client.files.download(first.id), Anthropic.BadRequestError);
    await client.files.delete(first.id);
    await assert.rejects(client.files.retrieveMetadata(first.id), Anthropic.NotFoundError);
  }));

test('both ways of showing a key are taken, none is a 401, and HEAD /api/hello needs none', () =>
  withSdk(async (_, { url }) => {
    const bearer = { authorization: 'Bearer k' };
    const status = async (path: string, init: RequestInit) => (await fetch(`${url}${path}`, init)).status;
    assert.equal(await status('/v1/messages', { method: 'POST', body: ask(), headers: bearer }), 200);
    assert.equal(await status('/v1/messages', { method: 'POST', body: ask(), headers: { 'x-api-key': 'k' } }), 200);
    assert.equal(await status('/v1/messages', { method: 'POST', body: ask() }), 401);
    assert.equal(await status('/api/hello', { method: 'HEAD' }), 200);
    assert.equal(await status('/v1/elsewhere', { headers: bearer }), 404);
  }));

test('broken JSON is a 400 and a body over 32 MB a 413, each in the envelope with its request-id', () =>
  withSdk(async (_, { url }) => {
    for (const [body, status, type] of [
      ['{"model":', 400, 'invalid_request_error'],
      [Buffer.alloc(32 * 2 ** 20 + 1, 'x'), 413, 'request_too_large'],
    ] as const) {
      const seen = await observe(url, { body });
      const { error, request_id } = JSON.parse(seen.body);
      assert.deepEqual([seen.status, error.type, request_id], [status, type, seen.headers['request-id']]);
      assert.equal(seen.headers['x-should-retry'], 'false');
    }
  }));

test('a rate limit refuses with the wait that its headers tell', () =>
  withSdk(
    async (client) => {
      const { response } = await client.messages.create(params).withResponse();
      assert.equal(response.headers.get('anthropic-ratelimit-requests-remaining'), '0');
      const error = await client.messages.create(params).catch((refused: unknown) => refused);
      assert.ok(error instanceof Anthropic.RateLimitError);
      const waitSeconds = Number(error.headers?.get('retry-after'));
      assert.ok(waitSeconds > 50 && waitSeconds <= 60, String(waitSeconds));
    },
    { scenario: { rateLimits: { requestsPerMinute: 1, inputTokensPerMinute: 1e6, outputTokensPerMinute: 1e6 } } },
  ));

test('the log tells of every attempt what it was, what it met and how it ended', () =>
  withSdk(
    async (_, simulator) => {
      simulator.next('overloaded');
      simulator.next('refuse');
      for (let i = 0; i < 3; i++) await observe(simulator.url, { body: ask({ stream: i === 2 }) });
      const seen = simulator.attempts.map(({ index, fault, status, end, model, stream }) => [
        index,
        fault,
        status,
        end,
        model,
        stream,
      ]);
      assert.deepEqual(seen, [
        [1, 'overloaded', 529, 'sent', 'claude-sonnet-5-5', false],
        [2, 'refuse', null, 'broken', null, false],
        [3, null, 200, 'sent', 'claude-sonnet-5-5', true],
      ]);
      const last = simulator.attempts[2];
      assert.equal(Buffer.from(last?.body ?? []).toString(), ask({ stream: true }));
      assert.ok(last?.headers.includes('sk-ant-test'));
      assert.deepEqual([simulator.count(), simulator.count(({ status }) => status === 200)], [3, 1]);
    },
    { record: true },
  ));

test('a client that leaves is logged as one that left', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const simulator = await startSimulator({ onAttempt: () => resolve() });
  simulator.next('stall-after-head');
  const leave = new AbortController();
  const answer = await fetch(`${simulator.url}/v1/messages`, { method: 'POST', body: ask(), signal: leave.signal });
  assert.equal(answer.status, 200);
  leave.abort();
  await promise;
  assert.equal(simulator.attempts[0]?.end, 'left');
  await simulator.close();
});

test('equal seeds bring the same faults in the same order, over sockets too', async () => {
  const runOnce = async (seed: number) => {
    const scenario = { seed, rate: 0.5, kinds: ['overloaded', 'internal-error', 'cut-clean', 'refuse'] };
    const simulator = await startSimulator({ scenario });
    const bodies: string[] = [];
    for (let i = 0; i < 30; i++) {
      const { body } = await observe(simulator.url, { body: ask({ stream: true }) });
      bodies.push(body.replaceAll(/req_\w+/g, ''));
    }
    await simulator.close();
    return { faults: simulator.attempts.map(({ fault }) => fault), bodies };
  };
  assert.deepEqual(await runOnce(7), await runOnce(7));
  assert.notDeepEqual((await runOnce(7)).faults, (await runOnce(8)).faults);
});

test('a plan goes before the scenario, attempt by attempt', async () => {
  const plans = ['overloaded', null, undefined];
  const simulator = await startSimulator({
    scenario: { rate: 1, kinds: ['internal-error'] },
    plan: ({ index }) => plans[index - 1],
  });
  for (let i = 0; i < 3; i++) await observe(simulator.url, { body: ask() });
  await simulator.close();
  assert.deepEqual(
    simulator.attempts.map(({ status }) => status),
    [529, 200, 500],
  );
});

test('latency comes before the first byte and between events, within its spread', async () => {
  const delaysMs: number[] = [];
  const clock = {
    ...systemClock,
    after: (delayMs: number, callback: () => void) => {
      delaysMs.push(delayMs);
      return systemClock.after(0, callback);
    },
  };
  const simulator = await startSimulator({
    clock,
    scenario: { latency: { firstByteMs: 1000, eventMs: 10, spread: 0.5 } },
  });
  const { body } = await observe(simulator.url, { body: ask({ stream: true }) });
  const [first = 0, ...others] = delaysMs.splice(0);
  assert.ok(first >= 500 && first <= 1500, String(first));
  assert.equal(others.length, body.split('\n\n').length - 1);
  assert.ok(others.every((delayMs) => delayMs >= 5 && delayMs <= 15));
  assert.ok(new Set(others).size > 1);
  simulator.next('cut-clean');
  const cut = await observe(simulator.url, { body: ask({ stream: true }) });
  await simulator.close();
  const events = cut.body.split('\n\n').filter((event) => event !== '');
  assert.equal(delaysMs.length, events.length, 'a stream that is cut keeps the pace, too');
});

test('an unknown fault and a port in use are refused in one sentence', async () => {
  const simulator = await startSimulator();
  assert.throws(() => simulator.next('nothing'), /There is no fault named nothing/);
  assert.throws(() => simulator.setScenario({ kinds: ['nothing'] }), RidethroughError);
  const taken = startSimulator({ port: simulator.port });
  await assert.rejects(taken, (error) => error instanceof RidethroughError && error.code === 'port_in_use');
  await simulator.close();
});

test('closing cuts every connection, also those in a silence, and leaves no timer', async () => {
  let timers = 0;
  const clock = {
    ...systemClock,
    after: (delayMs: number, callback: () => void) => {
      timers++;
      return systemClock.after(delayMs, callback);
    },
    cancel: (timer: object) => {
      timers--;
      systemClock.cancel(timer);
    },
  };
  const simulator = await startSimulator({ clock });
  simulator.next('stall-after-head');
  const answer = await fetch(`${simulator.url}/v1/messages`, { method: 'POST', body: ask() });
  const idle = connect(simulator.port, '127.0.0.1');
  await new Promise((resolve) => idle.once('connect', resolve));
  const cut = new Promise((resolve) => idle.once('close', resolve));
  const broken = assert.rejects(answer.text());
  await simulator.close();
  await Promise.all([cut, broken]);
  assert.equal(timers, 0);
});
