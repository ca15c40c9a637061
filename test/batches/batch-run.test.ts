import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { type Attempt, expectedAnswer, type Scenario, startSimulator } from '../../src/faults/index.ts';
import { runCli, startCliProcess } from '../e2e/cli-process.ts';

const paramsOf = (text: string) => {
  return { model: 'claude-opus-5-5', max_tokens: 20, messages: [{ role: 'user', content: text }] };
};

/** A simulator and a folder with a file of so many lines, every second one bare params. */
async function openStage(context: TestContext, count: number, scenario: Partial<Scenario> = {}) {
  const waiting = new Set<() => void>();
  const simulator = await startSimulator({
    scenario,
    record: true,
    onAttempt: () => {
      for (const wake of waiting) wake();
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-batch-'));
  context.after(async () => {
    await simulator.close();
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'in.jsonl');
  const lines = Array.from({ length: count }, (_, index) => {
    const params = paramsOf(`Number ${index + 1}`);
    return JSON.stringify(index % 2 === 0 ? { custom_id: `id-${index + 1}`, params } : params);
  });
  writeFileSync(file, `${lines.join('\n')}\n`);
  const settings = { env: { ANTHROPIC_BASE_URL: simulator.url, ANTHROPIC_API_KEY: 'sk-ant-test' } };
  /** Resolves when a number of attempts have ended that pass. */
  const seen = (filter: (attempt: Attempt) => boolean, times = 1) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (simulator.count((attempt) => attempt.endedAtMs !== null && filter(attempt)) < times) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const out = join(folder, 'in.results.jsonl');
  return {
    simulator,
    file,
    out,
    settings,
    seen,
    run: (...more: string[]) => runCli(['batch', 'run', file, ...more], settings),
  };
}

const isCreation = ({ method, path }: Attempt) => method === 'POST' && path === '/v1/messages/batches';
const isLive = ({ path }: Attempt) => path === '/v1/messages';

/** Asserts that the output has the whole answer to each line, once. */
function assertWhole(out: string, count: number): void {
  const results = readFileSync(out, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const byId = new Map(results.map(({ custom_id, result }) => [custom_id, result]));
  assert.deepEqual([results.length, byId.size], [count, count]);
  for (let number = 1; number <= count; number++) {
    const result = byId.get(number % 2 === 1 ? `id-${number}` : `line-${number}`);
    assert.equal(result?.type, 'succeeded');
    assert.deepEqual(result.message.content, expectedAnswer(paramsOf(`Number ${number}`)).content);
  }
  for (const rest of ['.part', '.state']) assert.equal(existsSync(`${out}${rest}`), false);
}

test('a file of one line is told of as one', async (context) => {
  const { out, run } = await openStage(context, 1);
  assert.equal((await run()).stdout, `1 line: 1 succeeded, 0 errored, 0 canceled → ${out}\n`);
});

test('a file is answered by a batch, and the results stand in the output', async (context) => {
  const { simulator, out, run } = await openStage(context, 5);
  const { status, stdout, stderr } = await run();
  assert.deepEqual([status, stdout], [0, `5 lines: 5 succeeded, 0 errored, 0 canceled → ${out}\n`]);
  assert.match(stderr, /\[#{24}\] 5\/5/);
  assertWhole(out, 5);
  assert.deepEqual([simulator.count(isCreation), simulator.count(isLive)], [1, 0]);
  const again = await run();
  assert.deepEqual([again.status, simulator.count(isCreation)], [2, 1]);
  assert.match(again.stderr, /exists already: move it away, or name another with --out\.\n$/);
});

test('bad lines are named by number, and nothing is sent', async (context) => {
  const { simulator, file, out, run } = await openStage(context, 0);
  const good = { custom_id: 'a', params: paramsOf('x') };
  const bad = [
    good,
    { custom_id: 'b b', params: paramsOf('x') },
    good,
    { params: { model: 'm' } },
    { ...paramsOf('x'), stream: true },
  ];
  writeFileSync(file, `${bad.map((line) => JSON.stringify(line)).join('\n')}\n{"model":\n`);
  const { status, stderr } = await run();
  assert.equal(status, 2);
  assert.match(
    stderr,
    /5 bad lines, and nothing was sent: line 2: custom_id must match \S+; line 3: its custom_id is that of line 1; line 4: custom_id is missing; line 5: params\.stream: not supported in Message Batches; line 6: it is not a JSON object\.\n$/,
  );
  assert.deepEqual([simulator.count(), existsSync(`${out}.state`)], [0, false]);
});

test('lines are asked live where batches are failing', async (context) => {
  const outages = [{ model: null, path: '/v1/messages/batches', fromMs: 0, toMs: null, fault: 'overloaded' }];
  const { simulator, out, run } = await openStage(context, 5, { outages });
  const { status, stdout, stderr } = await run('--json');
  assert.deepEqual([status, JSON.parse(stdout).live], [0, 5]);
  assert.match(stderr, /batches cannot be made at the moment: these lines are asked live/);
  assertWhole(out, 5);
  assert.equal(
    simulator.count((attempt) => isLive(attempt) && attempt.status === 200),
    5,
  );
});

test('a line that is refused makes the status 1, and its error is a result', async (context) => {
  const { file, out, run } = await openStage(context, 1);
  writeFileSync(file, `${JSON.stringify({ ...paramsOf('x'), model: 'claude-none' })}\n`);
  assert.equal((await run()).status, 1);
  const { custom_id, result } = JSON.parse(readFileSync(out, 'utf8'));
  assert.deepEqual([custom_id, result.type, result.error.error.type], ['line-1', 'errored', 'not_found_error']);
});

test('what expires in a batch is asked live', async (context) => {
  const { out, run } = await openStage(context, 3, { batches: { endMs: 10_000, expiryMs: 10 } });
  assert.equal((await run()).status, 0);
  assertWhole(out, 3);
});

test('a creation whose answer was lost is found, not made again', async (context) => {
  const { simulator, out, run } = await openStage(context, 4);
  simulator.next('truncated-body');
  assert.equal((await run()).status, 0);
  assertWhole(out, 4);
  assert.deepEqual([simulator.count(isCreation), simulator.count(isLive)], [1, 0]);
});

test('killed while its batch is under way, it goes on with the same batch', async (context) => {
  const { simulator, file, out, settings, seen, run } = await openStage(context, 4, {
    batches: { endMs: 60_000, expiryMs: 86_400_000 },
  });
  const child = startCliProcess(['batch', 'run', file], settings);
  await seen(({ method, path }) => method === 'GET' && path.startsWith('/v1/messages/batches/'));
  const died = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await died;
  assert.equal(existsSync(out), false);
  const { url } = simulator;
  const { data } = (await (await fetch(`${url}/v1/messages/batches`, { headers: { 'x-api-key': 'any' } })).json()) as {
    data: { id: string }[];
  };
  // Canceled lines are results like others, and end the wait.
  await fetch(`${url}/v1/messages/batches/${data[0]?.id}/cancel`, { method: 'POST', headers: { 'x-api-key': 'any' } });
  const { status, stdout, stderr } = await run();
  assert.match(stderr, /going on: 0 of 4 lines are done/);
  assert.deepEqual([status, stdout], [1, `4 lines: 0 succeeded, 0 errored, 4 canceled → ${out}\n`]);
  assert.equal(simulator.count(isCreation), 1);
});

test('killed or interrupted among live calls, it never asks again for what is done', async (context) => {
  const count = 30;
  const { simulator, file, out, settings, seen, run } = await openStage(context, count, {
    latency: { firstByteMs: 30, eventMs: 0, spread: 0 },
  });
  let answered = 0;
  for (const signal of ['SIGKILL', 'SIGINT'] as const) {
    answered += 8;
    const child = startCliProcess(['batch', 'run', file, '--live', '--concurrency', '2'], settings);
    await seen((attempt) => isLive(attempt) && attempt.status === 200, answered);
    const ended = new Promise<[number | null, string | null]>((resolve) => {
      child.once('exit', (status, by) => resolve([status, by]));
    });
    child.kill(signal);
    assert.deepEqual(await ended, signal === 'SIGINT' ? [130, null] : [null, 'SIGKILL']);
  }
  assert.equal((await run('--live')).status, 0);
  assertWhole(out, count);
  // What was in flight when it died is asked again: two calls each time, and one whose result was not yet on the disk.
  assert.ok(simulator.count(isLive) <= count + 2 * 2, `${simulator.count(isLive)} calls`);
});

test('while the API is down it says so, and ends well when the API is back', async (context) => {
  const outages = [{ model: null, fromMs: 0, toMs: null, fault: 'overloaded' }];
  const { simulator, file, out, settings } = await openStage(context, 3, { outages });
  const child = startCliProcess(['batch', 'run', file, '--live'], settings);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let said = '';
  for await (const line of createInterface({ input: child.stderr as Readable })) {
    said = line;
    // The end of the outage is this line itself.
    if (line.includes('no answer since')) break;
  }
  simulator.setScenario({});
  child.stderr?.resume();
  assert.match(said, /^0\/3 {2}no answer since .*, still trying: the upstream is overloaded \(529 overloaded_error\)$/);
  assert.equal(await ended, 0);
  assertWhole(out, 3);
});

test('a key that is refused ends the run at once, and nothing is lost', async (context) => {
  const { file, out, settings, run } = await openStage(context, 20);
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(401, { 'content-type': 'application/json', 'request-id': 'req_1' });
    response.end('{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const way of [['--live'], []]) {
    const env = { ...settings.env, ANTHROPIC_BASE_URL: url };
    const { status, stderr } = await runCli(['batch', 'run', file, ...way], { env });
    assert.equal(status, 2);
    assert.match(stderr, /ridethrough: .*(key was refused|authentication_error)/);
  }
  assert.equal((await run()).status, 0);
  assertWhole(out, 20);
});

test('a batch that the API refuses has failed with status 1, and the state is kept', async (context) => {
  const { simulator, out, run } = await openStage(context, 2);
  simulator.next('402-billing-error');
  const { status, stdout, stderr } = await run();
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^ridethrough: billing_error \(status 402, request-id \S+\): .+: check the balance and .+\.$/m);
  assert.equal(existsSync(`${out}.state`), true);
  assert.equal((await run()).status, 0);
  assertWhole(out, 2);
});
