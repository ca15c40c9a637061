import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Anthropic from '@anthropic-ai/sdk';
import { systemClock, wait } from '../../src/core/clock.ts';
import { expectedAnswer } from '../../src/faults/index.ts';
import { openQueueStage } from './queue-stage.ts';
import { params, requestsOf } from './stage.ts';

const outage = { outages: [{ model: null, fromMs: 0, toMs: null, fault: 'overloaded' }] };
const batchesDown = {
  outages: [{ model: null, path: '/v1/messages/batches', fromMs: 0, toMs: null, fault: 'overloaded' }],
};

/** Follows a batch as the API's makers advise. */
async function ended(client: Anthropic, id: string) {
  for (;;) {
    const batch = await client.messages.batches.retrieve(id);
    if (batch.processing_status === 'ended') return batch;
    await wait(systemClock, 100);
  }
}

async function resultsOf(client: Anthropic, id: string) {
  const results = [];
  for await (const item of await client.messages.batches.results(id)) results.push(item);
  return results;
}

/** Makes a call that no route can serve, for the queue. @returns the id it is read under */
async function exhaust(client: Anthropic): Promise<string> {
  const headers = { 'ridethrough-on-exhaustion': 'queue', 'ridethrough-deadline': '0.5' };
  let id = '';
  await assert.rejects(client.messages.create(params, { headers }), (error) => {
    assert.ok(error instanceof Anthropic.APIError);
    id = error.headers?.get('ridethrough-queued') ?? '';
    return error.status === 529 && error.headers?.get('x-should-retry') === 'false';
  });
  assert.match(id, /^msgbatch_rt_/);
  return id;
}

test('an exhausted call is read back by the SDK after the outage', async (context) => {
  const { simulator, client } = await openQueueStage(context);
  simulator.setScenario(outage);
  const id = await exhaust(client);
  const waiting = await client.messages.batches.retrieve(id);
  assert.deepEqual([waiting.processing_status, waiting.request_counts.processing], ['in_progress', 1]);
  simulator.setScenario({});
  const batch = await ended(client, id);
  assert.equal(batch.request_counts.succeeded, 1);
  const [item] = await resultsOf(client, id);
  assert.equal(item?.custom_id, id.slice('msgbatch_rt_'.length));
  assert.deepEqual(item?.result.type === 'succeeded' && item.result.message.content, expectedAnswer(params).content);
});

test('the SDK creates, reads, lists, cancels and deletes queued batches and the upstream’s alike', async (context) => {
  const { simulator, client } = await openQueueStage(context);
  const { batches } = client.messages;
  const theirs = await batches.create({ requests: requestsOf('t') });
  simulator.setScenario(batchesDown);
  const created = await batches.create({ requests: requestsOf('a', 'b') });
  assert.notEqual((await batches.cancel(created.id)).cancel_initiated_at, null);
  const canceled = await ended(client, created.id);
  assert.deepEqual([canceled.processing_status, canceled.request_counts.canceled], ['ended', 2]);
  assert.deepEqual(
    (await resultsOf(client, created.id)).map(({ custom_id, result }) => [custom_id, result.type]).sort(),
    [
      ['a', 'canceled'],
      ['b', 'canceled'],
    ],
  );
  simulator.setScenario(outage);
  const exhausted = await exhaust(client);
  simulator.setScenario({});
  const listed: string[] = [];
  for await (const { id } of batches.list({ limit: 1 })) listed.push(id);
  assert.deepEqual(listed, [exhausted, created.id, theirs.id]);
  for (const id of [exhausted, theirs.id]) {
    assert.equal((await ended(client, id)).request_counts.succeeded, 1);
    const [item] = await resultsOf(client, id);
    assert.deepEqual(item?.result.type === 'succeeded' && item.result.message.content, expectedAnswer(params).content);
  }
  for (const id of listed) assert.equal((await batches.delete(id)).id, id);
  assert.deepEqual((await batches.list()).data, []);
});

const hasPython = spawnSync('python3', ['-c', 'import anthropic']).status === 0;
const program = fileURLToPath(new URL('python-batches.py', import.meta.url));

test('the Python SDK reads the queue through messages.batches', {
  skip: hasPython ? false : 'python3 with the package anthropic is not installed here: pip install anthropic',
}, async (context) => {
  const { simulator, url, client } = await openQueueStage(context);
  const theirs = await client.messages.batches.create({ requests: requestsOf('t') });
  simulator.setScenario(outage);
  const ours = await exhaust(client);
  simulator.setScenario({});
  await ended(client, ours);
  const { stdout } = await promisify(execFile)('python3', [program, url, theirs.id, ours]);
  const text = expectedAnswer(params).content[0];
  const answers = text?.type === 'text' ? text.text : '';
  assert.deepEqual(JSON.parse(stdout), {
    listed: [ours, theirs.id],
    statuses: ['ended', 'ended'],
    results: [{ t: answers }, { [ours.slice('msgbatch_rt_'.length)]: answers }],
    deleted: [theirs.id, ours],
    missing: 404,
  });
});
