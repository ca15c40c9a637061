import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { systemClock, wait } from '../../src/core/clock.ts';
import { startSimulator } from '../../src/faults/index.ts';
import { startCli } from '../e2e/cli-process.ts';
import { params } from './stage.ts';

test('work that was queued before a restart goes on when its caller asks after it', async (context) => {
  const outage = { outages: [{ model: null, fromMs: 0, toMs: null, fault: 'overloaded' }] };
  const simulator = await startSimulator({ scenario: outage });
  const data = mkdtempSync(join(tmpdir(), 'ridethrough-restart-'));
  const serve = () => startCli(['serve', '--port', '0', '--upstream', simulator.url, '--data', data]);
  const first = await serve();
  const headers = { 'ridethrough-on-exhaustion': 'queue', 'ridethrough-deadline': '0.3' };
  const clientOf = (baseURL: string) =>
    new Anthropic({ apiKey: 'sk-ant-own', baseURL, maxRetries: 0, logLevel: 'off' });
  const error = await clientOf(first.url)
    .messages.create(params, { headers })
    .catch((caught: unknown) => caught);
  assert.ok(error instanceof Anthropic.APIError);
  const id = error.headers?.get('ridethrough-queued') ?? '';
  first.kill('SIGTERM');
  await first.finished;

  simulator.setScenario({});
  const second = await serve();
  context.after(async () => {
    second.kill('SIGTERM');
    await second.finished;
    await simulator.close();
    rmSync(data, { recursive: true });
  });
  const { batches } = clientOf(second.url).messages;
  let batch = await batches.retrieve(id);
  while (batch.processing_status !== 'ended') {
    await wait(systemClock, 200);
    batch = await batches.retrieve(id);
  }
  assert.equal(batch.request_counts.succeeded, 1);
});
