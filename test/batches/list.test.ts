import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import type { NewItem } from '../../src/queue/queue.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { openBatchStage, requestsOf } from './stage.ts';

/** The simulator's time, the queue's and nobody else's: batches come in a known order, some at once. */
async function openMixed(context: TestContext, sides: string) {
  const clock = new VirtualClock();
  const stage = await openBatchStage(context, { simulator: { clock }, deskClock: clock });
  const upstream = new Anthropic({ apiKey: 'sk-ant-test', baseURL: stage.simulator.url });
  const ids: string[] = [];
  for (const [index, side] of [...sides].entries()) {
    await clock.advance(side === '=' ? 0 : 1_000);
    if (side === 'u') ids.push((await upstream.messages.batches.create({ requests: requestsOf('a') })).id);
    if (side === 'q') {
      const id = `msgbatch_rt_${index}`;
      const item: NewItem = {
        ...{ id, customId: 'a', path: '', headers: [], model: '', priority: 'batch' },
        body: new Uint8Array(),
      };
      await stage.desk.put({ id, scope: 'sk-ant-test', credential: '', expiresInMs: 1, items: [item] });
      ids.push(id);
    }
  }
  return { ...stage, newestFirst: ids.reverse() };
}

for (const sides of ['uuqqu', 'qqqq', 'uuuu', 'uqquuuqquqqqqquu', '']) {
  test(`walking the list of ${sides || 'nothing'} meets each batch once, newest first`, async (context) => {
    const { client, newestFirst } = await openMixed(context, sides);
    for (const limit of [1, 2, 3, 20]) {
      const ids: string[] = [];
      for await (const { id } of client().messages.batches.list({ limit })) ids.push(id);
      assert.deepEqual(ids, newestFirst, `pages of ${limit}`);
    }
  });
}

test('batches that are not to be shown leave no gap', async (context) => {
  const { client, hidden, newestFirst } = await openMixed(context, 'uquuuuquu');
  const theirs = newestFirst.filter((id) => id.startsWith('msgbatch_01'));
  for (const index of [0, 2, 3, 4]) hidden.add(theirs[index] ?? '');
  const shown = newestFirst.filter((id) => !hidden.has(id));
  for (const limit of [1, 2, 20]) {
    const ids: string[] = [];
    for await (const { id } of client().messages.batches.list({ limit })) ids.push(id);
    assert.deepEqual(ids, shown, `pages of ${limit}`);
  }
  const { data } = await client().messages.batches.list({ before_id: shown.at(-1) ?? '', limit: 20 });
  assert.deepEqual(
    data.map(({ id }) => id),
    shown.slice(0, -1),
  );
});

test('pages before a cursor lead back to the newest, whichever side the cursor is on', async (context) => {
  const { client, newestFirst } = await openMixed(context, 'uqquuqqu');
  const { batches } = client().messages;
  for (const [index, id] of newestFirst.entries()) {
    const page = await batches.list({ before_id: id, limit: 3 });
    assert.deepEqual(
      page.data.map((batch) => batch.id),
      newestFirst.slice(Math.max(0, index - 3), index),
    );
    assert.equal(page.has_more, index > 3);
    assert.equal(page.first_id, page.data[0]?.id ?? null);
    assert.equal(page.last_id, page.data.at(-1)?.id ?? null);
  }
  assert.equal((await batches.list({ limit: 3 })).has_more, true);
});

test('batches of one instant are all met', async (context) => {
  const { client, newestFirst } = await openMixed(context, 'u=q=q=u');
  const ids: string[] = [];
  for await (const { id } of client().messages.batches.list({ limit: 1 })) ids.push(id);
  assert.deepEqual(ids.sort(), [...newestFirst].sort());
});

test('a list that the upstream does not give is an error, not a shorter list', async (context) => {
  const { simulator, client } = await openMixed(context, 'uq');
  simulator.setScenario({
    outages: [{ model: null, path: '/v1/messages/batches', fromMs: 0, toMs: null, fault: 'refuse' }],
  });
  const options = { headers: { 'ridethrough-deadline': '0.05' } };
  await assert.rejects(client().messages.batches.list({}, options), Anthropic.InternalServerError);
});

test('a cursor that leads nowhere is not found', async (context) => {
  const { client } = await openMixed(context, 'uq');
  for (const after_id of ['msgbatch_rt_none', 'msgbatch_01none']) {
    await assert.rejects(client().messages.batches.list({ after_id }), Anthropic.NotFoundError);
  }
});

test('an upstream that takes no cursors is asked twice, and not for ever', async (context) => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    const data = [1, 2, 3].map((n) => ({ id: `msgbatch_0${n}`, created_at: '2200-01-01T00:00:00Z' }));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data, has_more: true, first_id: 'msgbatch_01', last_id: 'msgbatch_03' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const { desk, client } = await openBatchStage(context, {
    upstream: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  const own = 'msgbatch_rt_1';
  const item: NewItem = {
    ...{ id: own, customId: 'a', path: '', headers: [], model: '', priority: 'batch' },
    body: new Uint8Array(),
  };
  await desk.put({ id: own, scope: 'sk-ant-test', credential: '', expiresInMs: 1, items: [item] });
  const { batches } = client().messages;
  assert.deepEqual((await batches.list({ after_id: own })).data, []);
  assert.equal((await batches.list({ before_id: own })).data.length, 3);
  assert.equal(asked, 4);
});

test('an unknown ridethrough header is named also where the queue answers', async (context) => {
  const { url } = await openMixed(context, 'q');
  for (const path of ['', '/msgbatch_rt_0', '/msgbatch_rt_none']) {
    const headers = { 'x-api-key': 'sk-ant-test', 'ridethrough-x': '1' };
    const response = await fetch(`${url}/v1/messages/batches${path}`, { headers });
    assert.equal(response.headers.get('ridethrough-warning'), 'unknown header ridethrough-x', path);
    assert.ok(response.headers.get('ridethrough-id'), path);
    await response.text();
  }
});
