import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import { seededRandom } from '../../src/core/random.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { startGateway } from '../../src/gateway/server.ts';
import { statuspageEndpoint } from '../../src/status/endpoint.ts';
import { webhookBytesMax } from '../../src/status/limits.ts';
import { StatusWatcher } from '../../src/status/watcher.ts';
import { VirtualClock } from '../../src/testing/index.ts';

const secret = 'a-path-that-nobody-guesses';
const delivery = {
  meta: { unsubscribe: 'x', documentation: 'y', generated_at: '2026-08-09T10:00:00Z' },
  page: { id: 'tymt9n04zgry', status_indicator: 'major', status_description: 'Partial System Outage' },
  incident: {
    ...{ id: 'a', name: 'Errors on Opus 5.5', status: 'investigating', impact: 'major' },
    ...{ created_at: '2026-08-09T10:00:00Z', updated_at: '2026-08-09T10:00:00Z', incident_updates: [], components: [] },
  },
};

/** A gateway that takes webhooks of the page; its configured secret may be null. */
async function open(context: TestContext, configured: string | null = secret) {
  const engine: Engine = {
    handle: () => assert.fail('no call is made'),
    drain: async () => {},
    gauges: { running: 0, waiting: 0 },
    routes: () => [],
  };
  const watcher = new StatusWatcher({
    ...{ urls: [], intervalMs: 60_000, clock: new VirtualClock(), random: seededRandom(1) },
    lookAt: async () => ({ kind: 'unchanged' }),
  });
  const opened: string[] = [];
  watcher.onChange((change) => opened.push(change.kind));
  const gateway = await startGateway({
    port: 0,
    config: parseConfig('', 'test.yaml', { env: {}, upstream: null }),
    createEngine: () => engine,
    endpoints: [
      statuspageEndpoint(
        () => watcher,
        () => (configured === null ? null : new Secret(configured)),
      ),
    ],
  });
  context.after(() => gateway.close());
  const post = (path: string, body: string) =>
    fetch(`${gateway.url}/ridethrough/statuspage/${path}`, { method: 'POST', body }).then(
      (response) => response.status,
    );
  return { gateway, watcher, opened, post };
}

test('a delivery to the secret path is taken, and the same one again changes nothing', async (context) => {
  const { watcher, opened, post } = await open(context);
  for (let i = 0; i < 3; i++) assert.equal(await post(secret, JSON.stringify(delivery)), 200);
  assert.deepEqual(opened, ['opened']);
  assert.deepEqual(watcher.state.incidents[0]?.models, ['opus-5-5']);
});

test('whoever does not know the secret finds nothing, whatever it sends', async (context) => {
  const { opened, post } = await open(context);
  for (const path of [
    '',
    'guess',
    `${secret}x`,
    secret.slice(1),
    `${secret}/`,
    '../status',
    encodeURIComponent(`${secret}\0`),
  ]) {
    assert.equal(await post(path, JSON.stringify(delivery)), 404, path);
  }
  assert.deepEqual(opened, []);
});

test('where no secret is configured there is nothing at all', async (context) => {
  const { post } = await open(context, null);
  for (const path of [secret, '', 'null', 'undefined']) assert.equal(await post(path, '{}'), 404);
});

test('what is no JSON is a 400, JSON that tells nothing is taken, and too much of it refused', async (context) => {
  const { gateway, opened, post } = await open(context);
  assert.equal(await post(secret, '{"incident":'), 400);
  assert.equal(await post(secret, ''), 400);
  for (const body of ['{}', 'null', '[]', '{"incident":{"id":7}}']) assert.equal(await post(secret, body), 200, body);
  assert.equal(await post(secret, JSON.stringify({ x: 'y'.repeat(webhookBytesMax) })), 413);
  const read = await fetch(`${gateway.url}/ridethrough/statuspage/${secret}`);
  assert.equal(read.status, 404, 'there is nothing to read');
  assert.deepEqual(opened, []);
});
