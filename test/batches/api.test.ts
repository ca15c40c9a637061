import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { expectedAnswer } from '../../src/faults/index.ts';
import { openBatchStage, params, requestsOf } from './stage.ts';

const down = { model: null, path: '/v1/messages/batches', fromMs: 0, toMs: null, fault: 'overloaded' };
const succeeded = (customId: string) => {
  return { customId, result: JSON.stringify({ type: 'succeeded', message: expectedAnswer(params) }) };
};

test('a batch is kept in the queue while the endpoint is failing, and read as any other', async (context) => {
  const { simulator, desk, client } = await openBatchStage(context);
  const { batches } = client().messages;
  simulator.setScenario({ outages: [down] });
  const { data: created, response } = await batches.create({ requests: requestsOf('a', 'b') }).withResponse();
  assert.match(created.id, /^msgbatch_rt_/);
  assert.equal(response.headers.get('ridethrough-queued'), created.id);
  assert.equal(response.headers.get('request-id'), null);
  assert.deepEqual([created.processing_status, created.request_counts.processing], ['in_progress', 2]);
  assert.equal(Date.parse(created.expires_at) - Date.parse(created.created_at), 86_400_000);
  const kept = desk.kept.get(created.id)?.batch;
  assert.deepEqual(
    kept?.items.map(({ customId, path, body }) => [customId, path, JSON.parse(Buffer.from(body).toString())]),
    [
      ['a', '/v1/messages', params],
      ['b', '/v1/messages', params],
    ],
  );
  await assert.rejects(batches.delete(created.id), Anthropic.BadRequestError);

  desk.end(created.id, [succeeded('b'), succeeded('a')]);
  const ended = await batches.retrieve(created.id);
  assert.equal(ended.results_url, `/v1/messages/batches/${created.id}/results`);
  assert.deepEqual([ended.processing_status, ended.request_counts.succeeded], ['ended', 2]);
  const ids: string[] = [];
  for await (const { custom_id, result } of await batches.results(created.id)) {
    assert.deepEqual(result.type === 'succeeded' && result.message.content, expectedAnswer(params).content);
    ids.push(custom_id);
  }
  assert.deepEqual(ids, ['b', 'a']);
  assert.deepEqual(await batches.delete(created.id), { id: created.id, type: 'message_batch_deleted' });
  await assert.rejects(batches.retrieve(created.id), (error) => {
    assert.ok(error instanceof Anthropic.NotFoundError);
    return error.type === 'not_found_error';
  });
});

test('a queued batch is canceled, and does not exist for anybody else', async (context) => {
  const { simulator, client } = await openBatchStage(context);
  simulator.setScenario({ outages: [down] });
  const { batches } = client().messages;
  const { id } = await batches.create({ requests: requestsOf('a') });
  const stranger = client('sk-ant-other').messages.batches;
  for (const ask of [stranger.retrieve(id), stranger.cancel(id), stranger.delete(id)]) {
    await assert.rejects(ask, Anthropic.NotFoundError);
  }
  const canceled = await batches.cancel(id);
  assert.equal(canceled.processing_status, 'canceling');
  assert.notEqual(canceled.cancel_initiated_at, null);
});

test('what the API would refuse is refused, not kept', async (context) => {
  const { simulator, desk, client } = await openBatchStage(context, { yaml: 'breaker: { failures: 100 }' });
  simulator.setScenario({ outages: [down] });
  const { batches } = client().messages;
  const bad: [object, RegExp][] = [
    [{}, /requests: Field required/],
    [{ requests: [] }, /requests: List should have at least 1 item/],
    [{ requests: [{ custom_id: 'a b', params }] }, /requests\.0\.custom_id: String should match/],
    [{ requests: [{ custom_id: 'x'.repeat(65), params }] }, /requests\.0\.custom_id: String should have at most 64/],
    [{ requests: requestsOf('a', 'b', 'a') }, /requests\.2\.custom_id: Value is not unique/],
    [{ requests: [{ custom_id: 'a' }] }, /requests\.0\.params: Field required/],
    [{ requests: [{ custom_id: 'a', params: { ...params, stream: true } }] }, /params\.stream: not supported/],
    [{ requests: [{ custom_id: 'a', params: { ...params, speed: 'fast' } }] }, /params\.speed: not supported/],
    [{ requests: [{ custom_id: 'a', params: { ...params, max_tokens: 0 } }] }, /params\.max_tokens/],
  ];
  for (const [body, message] of bad) {
    await assert.rejects(batches.create(body as Anthropic.Messages.BatchCreateParams), (error) => {
      assert.ok(error instanceof Anthropic.BadRequestError);
      assert.match(error.message, message);
      return error.type === 'invalid_request_error';
    });
  }
  assert.equal(desk.kept.size, 0);
});

test('a full queue leaves the error that the endpoint gave', async (context) => {
  const { simulator, desk, client } = await openBatchStage(context);
  simulator.setScenario({ outages: [down] });
  desk.full = true;
  await assert.rejects(client().messages.batches.create({ requests: requestsOf('a') }), { status: 529 });
});

test('a creation whose answer was lost is found in the list instead of being made twice', async (context) => {
  const { simulator, desk, client } = await openBatchStage(context);
  simulator.next('truncated-body');
  const { id } = await client().messages.batches.create({ requests: requestsOf('a', 'b') });
  assert.match(id, /^msgbatch_01/);
  assert.equal(desk.kept.size, 0);
  assert.equal(
    simulator.count(({ method }) => method === 'POST'),
    1,
  );
});

test('a creation that was cut off before it was made is kept', async (context) => {
  const { simulator, desk, client } = await openBatchStage(context);
  simulator.next('reset-before-head');
  const { id } = await client().messages.batches.create({ requests: requestsOf('a', 'b') });
  assert.ok(desk.kept.has(id));
});

test('a creation that may be one of several batches is not made again', async (context) => {
  const { simulator, desk, client } = await openBatchStage(context);
  const { batches } = client().messages;
  const elsewhere = new Anthropic({ apiKey: 'sk-ant-test', baseURL: simulator.url });
  await elsewhere.messages.batches.create({ requests: requestsOf('x', 'y') });
  simulator.next('truncated-body');
  await assert.rejects(batches.create({ requests: requestsOf('a', 'b') }));
  assert.equal(desk.kept.size, 0);
});

test('in managed mode no results_url names the origin of the upstream', async (context) => {
  const { simulator, client } = await openBatchStage(context, {
    yaml: JSON.stringify({
      upstream: 'sim',
      upstreams: { sim: { url: 'SIMULATOR', key_env: 'KEY' } },
      tokens: { team: { env: 'TOKEN' } },
    }),
    env: { KEY: 'sk-ant-real', TOKEN: 'gateway-token-of-some-length' },
  });
  const { batches } = client('gateway-token-of-some-length').messages;
  const { id } = await batches.create({ requests: requestsOf('a') });
  const path = `/v1/messages/batches/${id}/results`;
  assert.equal((await batches.retrieve(id)).results_url, path);
  assert.equal((await batches.list()).data[0]?.results_url, path);
  for await (const { custom_id } of await batches.results(id)) assert.equal(custom_id, 'a');
  assert.equal((await batches.cancel(id)).results_url, path);
  for (const { headers } of simulator.attempts) assert.ok(!headers.join().includes('gateway-token'));
});

test('a batch is kept where nothing listens, and where there is no such endpoint', async (context) => {
  const { simulator, desk, client } = await openBatchStage(context);
  await simulator.close();
  const options = { headers: { 'ridethrough-deadline': '0.3' } };
  const { id } = await client().messages.batches.create({ requests: requestsOf('a') }, options);
  assert.ok(desk.kept.has(id));

  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"error":"no such route"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const address = server.address() as AddressInfo;
  const other = await openBatchStage(context, { upstream: `http://127.0.0.1:${address.port}` });
  const { batches } = other.client().messages;
  const kept = await batches.create({ requests: requestsOf('a') });
  assert.deepEqual(
    (await batches.list()).data.map((batch) => batch.id),
    [kept.id],
  );
});
