import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { seededRandom } from '../../src/core/random.ts';
import { type Scenario, startSimulator } from '../../src/faults/index.ts';
import { pageBytesMax } from '../../src/status/limits.ts';
import { type LookAt, pageReader } from '../../src/status/look.ts';
import type { StatusChange } from '../../src/status/state.ts';
import { StatusWatcher } from '../../src/status/watcher.ts';
import { VirtualClock } from '../../src/testing/index.ts';

/** A watcher with sockets of its own; all of it ends with the test. */
function watch(context: TestContext, urls: string[], clock: Clock = systemClock) {
  const reader = pageReader(clock, null);
  const watcher = new StatusWatcher({ urls, intervalMs: 60_000, lookAt: reader.look, clock, random: seededRandom(1) });
  const changes: string[] = [];
  watcher.onChange((change) => changes.push(wordOf(change)));
  context.after(() => {
    watcher.stop();
    return reader.close();
  });
  return { watcher, changes };
}

function wordOf(change: StatusChange): string {
  if (change.kind === 'component') return `${change.component.name.split(' (')[0]}: ${change.component.status}`;
  return `${change.kind}: ${change.incident.name} [${change.incident.models}]`;
}

async function simulate(context: TestContext, scenario: Partial<Scenario>, status: string, clock: Clock = systemClock) {
  const simulator = await startSimulator({ scenario, status, clock });
  context.after(() => simulator.close());
  return simulator;
}

/** A server of one's own; requests that came are kept. */
async function serve(context: TestContext, answer: RequestListener) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const outage = { model: 'claude-opus-5-5', fromMs: 60_000, toMs: 600_000, fault: 'overloaded' };

/** Sockets move by themselves, the time of page and watcher only here. */
async function lookAt(watcher: StatusWatcher, clock: VirtualClock, afterMs: number) {
  await clock.advance(afterMs);
  await watcher.look();
}

test('a truthful page is followed: an outage of one model, its updates and its end', async (context) => {
  const clock = new VirtualClock();
  const simulator = await simulate(context, { outages: [outage] }, 'truthful', clock);
  const { watcher, changes } = watch(context, [simulator.url], clock);
  await watcher.look();
  assert.deepEqual(changes, []);
  assert.equal(watcher.state.indicator, 'none');
  await lookAt(watcher, clock, 61_000);
  assert.deepEqual(changes.splice(0), [
    'opened: Outage on Claude Opus 5.5 [opus-5-5]',
    'Claude API: partial_outage',
    'Claude Code: partial_outage',
  ]);
  await lookAt(watcher, clock, 300_000);
  assert.deepEqual(changes.splice(0), ['updated: Outage on Claude Opus 5.5 [opus-5-5]']);
  await lookAt(watcher, clock, 300_000);
  assert.deepEqual(changes, [
    'resolved: Outage on Claude Opus 5.5 [opus-5-5]',
    'Claude API: operational',
    'Claude Code: operational',
  ]);
  assert.deepEqual(watcher.state.incidents, []);
});

test('a page that lags is late by so much, and a green one never tells', async (context) => {
  const clock = new VirtualClock();
  const everything = { ...outage, model: null, fromMs: 0, toMs: null };
  const simulator = await simulate(context, { outages: [everything] }, 'lag:300', clock);
  const { watcher } = watch(context, [simulator.url], clock);
  await lookAt(watcher, clock, 299_000);
  assert.equal(watcher.state.indicator, 'none');
  await lookAt(watcher, clock, 2_000);
  assert.equal(watcher.state.indicator, 'major');
  assert.deepEqual(watcher.state.incidents[0]?.models, []);
  simulator.setStatus('green');
  const { watcher: another } = watch(context, [simulator.url], clock);
  await lookAt(another, clock, 900_000);
  assert.equal(another.state.indicator, 'none');
});

test('a page that is red while all is well says so: it is evidence, no more', async (context) => {
  const simulator = await simulate(context, {}, 'red');
  const { watcher } = watch(context, [simulator.url]);
  await watcher.look();
  assert.equal(watcher.state.indicator, 'major');
  assert.equal(watcher.state.incidents[0]?.name, 'Outage across all models');
});

const hostile = [
  ['challenge', /it answered 405/],
  ['html', /it sent text\/html.*, not JSON/],
  ['truncated', /it sent JSON that is no status page, or half of one/],
] as const;
for (const [mode, problem] of hostile) {
  test(`a page in mode ${mode} is survived, what was known stays, and the other address is asked`, async (context) => {
    const simulator = await simulate(context, {}, 'red');
    const { watcher, changes } = watch(context, [simulator.url]);
    await watcher.look();
    changes.splice(0);
    simulator.setStatus(mode);
    await watcher.look();
    assert.match(watcher.state.problem ?? '', problem);
    assert.equal(watcher.state.indicator, 'major');
    assert.deepEqual(changes, []);

    const good = await simulate(context, {}, 'truthful');
    const { watcher: cautious } = watch(context, [simulator.url, good.url]);
    await cautious.look();
    assert.equal(cautious.state.problem, null);
    assert.equal(cautious.state.source, good.url);
  });
}

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

test('the simulator trickles: a byte a second, for as long as somebody listens', async (context) => {
  const clock = new VirtualClock();
  const simulator = await simulate(context, {}, 'slow', clock);
  const response = await fetch(`${simulator.url}/api/v2/summary.json`);
  const reader = response.body?.getReader();
  assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), '{');
  await clock.advance(1_000);
  assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), '"');
  await reader?.cancel();
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
  for (let i = 0; i < 3; i++) await lookAt(watcher, clock, 60_000);
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
