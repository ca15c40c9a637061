import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../src/testing/index.ts';
import { lookAfter, outage, simulate, watch } from './harness.ts';

test('a truthful page is followed: an outage of one model, its updates and its end', async (context) => {
  const clock = new VirtualClock();
  const simulator = await simulate(context, { outages: [outage] }, 'truthful', clock);
  const { watcher, changes } = watch(context, [simulator.url], clock);
  await watcher.look();
  assert.deepEqual(changes, []);
  assert.equal(watcher.state.indicator, 'none');
  await lookAfter(watcher, clock, 61_000);
  assert.deepEqual(changes.splice(0), [
    'opened: Outage on Claude Opus 5.5 [opus-5-5]',
    'Claude API: partial_outage',
    'Claude Code: partial_outage',
  ]);
  await lookAfter(watcher, clock, 300_000);
  assert.deepEqual(changes.splice(0), ['updated: Outage on Claude Opus 5.5 [opus-5-5]']);
  await lookAfter(watcher, clock, 300_000);
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
  await lookAfter(watcher, clock, 299_000);
  assert.equal(watcher.state.indicator, 'none');
  await lookAfter(watcher, clock, 2_000);
  assert.equal(watcher.state.indicator, 'major');
  assert.deepEqual(watcher.state.incidents[0]?.models, []);
  simulator.setStatus('green');
  const { watcher: another } = watch(context, [simulator.url], clock);
  await lookAfter(another, clock, 900_000);
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

test('every document of the page is served, and nothing else below its path', async (context) => {
  const simulator = await simulate(context, { outages: [{ ...outage, fromMs: 0, toMs: 0 }] }, 'truthful');
  const get = async (name: string) => {
    const response = await fetch(`${simulator.url}/api/v2/${name}`);
    return response.status === 200 ? Object.keys(JSON.parse(await response.text())) : response.status;
  };
  assert.deepEqual(await get('summary.json'), ['page', 'components', 'incidents', 'scheduled_maintenances', 'status']);
  assert.deepEqual(await get('status.json'), ['page', 'status']);
  assert.deepEqual(await get('components.json'), ['page', 'components']);
  for (const name of ['incidents', 'incidents/unresolved'])
    assert.deepEqual(await get(`${name}.json`), ['page', 'incidents']);
  for (const name of ['', '/upcoming', '/active']) {
    assert.deepEqual(await get(`scheduled-maintenances${name}.json`), ['page', 'scheduled_maintenances']);
  }
  for (const name of ['', 'nothing.json', 'toString', '__proto__']) assert.equal(await get(name), 404);
  assert.equal(simulator.count(), 0, 'asking for the page is no attempt');
});

test('a storm is told as elevated errors, a scenario with a few faults is not', async (context) => {
  const simulator = await simulate(context, { rate: 0.3, kinds: ['overloaded'] }, 'truthful');
  const { watcher } = watch(context, [simulator.url]);
  await watcher.look();
  assert.equal(watcher.state.incidents[0]?.name, 'Elevated errors across all models');
  assert.equal(watcher.state.indicator, 'minor');
  simulator.setScenario({ rate: 1, kinds: ['overloaded'], times: 3 });
  const { watcher: another } = watch(context, [simulator.url]);
  await another.look();
  assert.equal(another.state.indicator, 'none');
});

test('a mode that there is not is refused with those that there are', async (context) => {
  const simulator = await simulate(context, {}, 'truthful');
  for (const mode of ['purple', 'lag', 'lag:x', 'green:1', '', 'toString']) {
    assert.throws(() => simulator.setStatus(mode), /A status page can be truthful, lag:SECONDS, green, red/);
  }
});
