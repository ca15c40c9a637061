import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { VirtualClock } from '../../testing/index.ts';
import type { Scenario } from '../scenario.ts';
import { startSimulator } from '../start-simulator.ts';

const params = { model: 'claude-opus-5-5', max_tokens: 20, messages: [{ role: 'user' as const, content: 'Hello' }] };
const requests = ['a', 'b', 'c'].map((custom_id) => ({ custom_id, params }));

async function open(context: TestContext, scenario: Partial<Scenario>) {
  const clock = new VirtualClock();
  const simulator = await startSimulator({ clock, scenario });
  context.after(() => simulator.close());
  const client = new Anthropic({ apiKey: 'any', baseURL: simulator.url, maxRetries: 0, logLevel: 'off' });
  return { clock, simulator, batches: client.messages.batches };
}

test('a batch takes the time the scenario gives it, and counts everything as processing until then', async (context) => {
  const { clock, batches } = await open(context, { batches: { endMs: 60_000, expiryMs: 86_400_000 } });
  const { id } = await batches.create({ requests });
  await clock.advance(59_999);
  const early = await batches.retrieve(id);
  assert.deepEqual([early.processing_status, early.request_counts.processing], ['in_progress', 3]);
  await assert.rejects(batches.delete(id), Anthropic.BadRequestError);
  await clock.advance(1);
  const ended = await batches.retrieve(id);
  assert.deepEqual([ended.processing_status, ended.request_counts.succeeded], ['ended', 3]);
  assert.equal(ended.results_url?.endsWith(`/${id}/results`), true);
});

test('what is not done in time expires', async (context) => {
  const { clock, batches } = await open(context, { batches: { endMs: 2_000, expiryMs: 1_000 } });
  const { id } = await batches.create({ requests });
  await clock.advance(1_000);
  assert.equal((await batches.retrieve(id)).request_counts.expired, 3);
  for await (const { result } of await batches.results(id)) assert.equal(result.type, 'expired');
});

test('a batch that has ended cannot be canceled any more', async (context) => {
  const { batches } = await open(context, {});
  const { id } = await batches.create({ requests });
  assert.equal((await batches.retrieve(id)).processing_status, 'ended');
  assert.equal((await batches.cancel(id)).processing_status, 'ended');
  assert.equal((await batches.retrieve(id)).request_counts.succeeded, 3);
});

test('ids are checked when a batch is created, its params when it ends', async (context) => {
  const { batches } = await open(context, {});
  for (const custom_id of ['', 'a b', 'x'.repeat(65)]) {
    await assert.rejects(batches.create({ requests: [{ custom_id, params }] }), Anthropic.BadRequestError);
  }
  await assert.rejects(batches.create({ requests: [...requests, ...requests] }), /requests\.3\.custom_id/);
  const speedy = { ...params, speed: 'fast' as const };
  const { id } = await batches.create({ requests: [{ custom_id: 'a', params: speedy }] });
  assert.equal((await batches.retrieve(id)).request_counts.errored, 1);
});

test('an outage may strike one endpoint only', async (context) => {
  const outages = [{ model: null, path: '/v1/messages/batches', fromMs: 0, toMs: null, fault: 'overloaded' }];
  const { simulator, batches } = await open(context, { outages });
  await assert.rejects(batches.create({ requests }), { status: 529 });
  const body = JSON.stringify(params);
  const live = await fetch(`${simulator.url}/v1/messages`, { method: 'POST', headers: { 'x-api-key': 'any' }, body });
  assert.equal(live.status, 200);
});
