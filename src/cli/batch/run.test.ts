import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { BatchApi } from './api.ts';
import { BatchRun } from './run.ts';
import { RunState } from './run-state.ts';

const root = '/v1/messages/batches';
const result = '{"custom_id":"a","result":{"type":"succeeded","message":{"type":"message"}}}\n';

test('a batch in doubt whose results could not be read for a moment was taken for one never made, and billed twice', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-run-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const clock = new VirtualClock();
  const batch = {
    id: 'msgbatch_1',
    processing_status: 'ended',
    created_at: new Date(clock.now()).toISOString(),
    request_counts: { succeeded: 1 },
  };
  const asked: string[] = [];
  let downloads = 0;
  const upstream = async (url: string, { method }: RequestInit): Promise<Response> => {
    asked.push(`${method} ${url.replace(/\?.*/, '')}`);
    if (method === 'POST') return Response.json({ type: 'error', error: { type: 'api_error' } }, { status: 502 });
    if (url.endsWith('/results')) return new Response(result, { status: downloads++ < 3 ? 529 : 200 });
    return Response.json(url.includes('?limit') ? { data: [batch], has_more: false } : batch);
  };
  const { signal } = new AbortController();
  const out = join(folder, 'out.jsonl');
  const state = new RunState(out, Buffer.from('a'));
  const lines = [{ customId: 'a', params: Buffer.from('{}') }];
  const api = new BatchApi(upstream, '', {}, signal);
  const run = new BatchRun({ api, state, lines, live: false, concurrency: 1, clock, signal, tell: () => {} });
  let ended = false;
  const finished = run.finish().finally(() => {
    ended = true;
  });
  await clock.runUntil(() => ended);
  await finished;
  assert.equal(readFileSync(`${out}.part`, 'utf8'), result);
  assert.deepEqual(
    asked.filter((each) => each.startsWith('POST')),
    [`POST ${root}`],
  );
});
