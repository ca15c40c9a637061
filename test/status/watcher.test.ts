import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { seededRandom } from '../../src/core/random.ts';
import { startSimulator } from '../../src/faults/index.ts';
import { pageBytesMax } from '../../src/status/limits.ts';
import { type LookAt, pageReader } from '../../src/status/look.ts';
import { StatusWatcher } from '../../src/status/watcher.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { lookAfter, outage, serve, simulate, watch, wordOf } from './harness.ts';

test('a page whose bytes trickle is given up in time, and the other address is asked', async (context) => {
  const clock = new VirtualClock();
  let asked: () => void = () => {};
  const slow = await serve(context, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{');
    asked();
  });
  const good = await simulate(context, {}, 'truthful');
  const { watcher } = watch(context, [slow.url, good.url], clock);
  const wasAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const looked = watcher.look();
  await wasAsked;
  await clock.advance(10_000);
  await looked;
  assert.equal(watcher.state.source, good.url);
  assert.equal(clock.pendingTimers, 0);
});

test('a page is asked for on condition, and one that has not changed is not sent again', async (context) => {
  const clock = new VirtualClock();
  const simulator = await simulate(context, { outages: [outage] }, 'truthful', clock);
  const summary = await (await fetch(`${simulator.url}/api/v2/summary.json`)).text();
  const lastModified = 'Sat, 08 Aug 2026 10:00:00 GMT';
  const page = await serve(context, ({ headers }, response) => {
    const known = headers['if-none-match'] === '"v1"' && headers['if-modified-since'] === lastModified;
    response.writeHead(known ? 304 : 200, {
      'content-type': 'application/json',
      etag: '"v1"',
      'last-modified': lastModified,
    });
    response.end(known ? '' : summary);
  });
  const { watcher } = watch(context, [page.url], clock);
  for (let i = 0; i < 3; i++) await lookAfter(watcher, clock, 60_000);
  assert.deepEqual(
    page.requests.map(({ headers }) => headers['if-none-match'] ?? null),
    [null, '"v1"', '"v1"'],
  );
  assert.equal(watcher.state.readAtMs, clock.now());
  assert.equal(page.requests[0]?.headers.accept, 'application/json');

  const etag = (await fetch(`${simulator.url}/api/v2/summary.json`)).headers.get('etag') ?? '';
  const again = await fetch(`${simulator.url}/api/v2/summary.json`, { headers: { 'if-none-match': etag } });
  assert.equal(again.status, 304);
});

test('an answer without end, a redirect, a reset and a refused connection are failures in words', async (context) => {
  const endless = await serve(context, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const chunk = Buffer.alloc(pageBytesMax / 4, 0x20);
    const pour = () => {
      while (response.write(chunk));
      response.once('drain', pour);
    };
    pour();
  });
  const redirect = await serve(context, (_request, response) =>
    response.writeHead(302, { location: endless.url }).end(),
  );
  const reset = await serve(context, ({ socket }) => socket.resetAndDestroy());
  const simulator = await startSimulator();
  const closed = simulator.url;
  await simulator.close();
  const expected = [
    [endless.url, /its page is larger than 2 MiB/],
    [redirect.url, /it answered 302/],
    [reset.url, /ECONNRESET|UND_ERR_SOCKET/],
    [closed, /ECONNREFUSED/],
  ] as const;
  for (const [url, problem] of expected) {
    const { watcher } = watch(context, [url]);
    await watcher.look();
    assert.match(watcher.state.problem ?? '', problem);
  }
});

test('looks come at their interval with jitter, rarer while none succeeds, and end with the watcher', async () => {
  const clock = new VirtualClock();
  const looks: number[] = [];
  let well = false;
  const lookAt: LookAt = async () => {
    looks.push(clock.now());
    return well ? { kind: 'unchanged' } : { kind: 'failed', problem: 'it answered 405' };
  };
  const seed = 7;
  const watcher = new StatusWatcher({
    urls: ['http://a'],
    intervalMs: 60_000,
    lookAt,
    clock,
    random: seededRandom(seed),
  });
  watcher.start();
  await clock.advance(3 * 3_600_000);
  const gaps = looks.slice(1).map((atMs, index) => (atMs - (looks[index] ?? 0)) / 60_000);
  const wanted = [2, 4, 8, 15, 15];
  wanted.forEach((minutes, index) => {
    const gap = gaps[index] ?? 0;
    assert.ok(gap >= minutes * 0.8 && gap <= minutes * 1.2, `seed ${seed}: gap ${index} is ${gap} min`);
  });
  assert.ok(new Set(gaps).size > 5, 'no two gaps are equal');
  well = true;
  await clock.advance(40 * 60_000);
  const before = looks.length;
  await clock.advance(60 * 60_000);
  assert.ok(looks.length - before >= 50 && looks.length - before <= 75, `${looks.length - before} looks in an hour`);
  watcher.stop();
  assert.equal(clock.pendingTimers, 0);
});

test('a listener that throws ends neither the process nor the watch', async (context) => {
  const clock = new VirtualClock();
  const simulator = await simulate(context, {}, 'red');
  const reader = pageReader(systemClock, null);
  let looks = 0;
  const lookAt: LookAt = (...words) => {
    looks++;
    return reader.look(...words);
  };
  const { promise: threw, resolve } = Promise.withResolvers<void>();
  const watcher = new StatusWatcher({
    urls: [simulator.url],
    intervalMs: 60_000,
    lookAt,
    clock,
    random: seededRandom(1),
  });
  watcher.onChange(() => {
    resolve();
    throw new Error('a bug');
  });
  context.after(() => {
    watcher.stop();
    return reader.close();
  });
  watcher.start();
  await clock.advance(7_000);
  await threw;
  while (clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(75_000);
  assert.equal(looks, 2);
});

test('a webhook is taken at its word, any number of times, and other JSON is not', () => {
  const clock = new VirtualClock();
  const lookAt: LookAt = async () => ({ kind: 'unchanged' });
  const watcher = new StatusWatcher({ urls: [], intervalMs: 60_000, lookAt, clock, random: seededRandom(1) });
  const changes: string[] = [];
  watcher.onChange((change) => changes.push(wordOf(change)));
  const meta = { meta: { generated_at: '2026-08-09T10:00:00Z' }, page: { id: 'x', status_indicator: 'major' } };
  const incident = {
    id: 'a',
    name: 'Haiku 5.5 fails',
    status: 'investigating',
    impact: 'major',
    created_at: '2026-08-09T10:00:00Z',
  };
  assert.ok(watcher.receive({ ...meta, incident }));
  assert.ok(watcher.receive({ ...meta, incident }));
  const maintenance = {
    ...incident,
    id: 'm',
    name: 'Upgrade',
    status: 'scheduled',
    scheduled_for: '2026-08-10T10:00:00Z',
  };
  assert.ok(watcher.receive({ ...meta, incident: maintenance }));
  for (const other of [null, 7, [], {}, meta, { incident: { id: 'b' } }]) assert.ok(!watcher.receive(other));
  assert.deepEqual(changes, ['opened: Haiku 5.5 fails [haiku-5-5]', 'opened: Upgrade []']);
  assert.deepEqual(
    watcher.state.maintenances.map(({ id }) => id),
    ['m'],
  );
});

test('what a page says of itself does nothing to a terminal', async (context) => {
  const page = await serve(context, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; x=\u009b31m' }).end();
  });
  const { watcher } = watch(context, [page.url]);
  await watcher.look();
  assert.match(watcher.state.problem ?? '', /it sent text\/html; x=\?31m, not JSON$/);
});
