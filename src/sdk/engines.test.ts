import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../../test/fixtures/failures.ts';
import { seededRandom } from '../core/random.ts';
import { CollectReply } from '../testing/collect-reply.ts';
import { memoryTransport } from '../testing/memory-transport.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Engines } from './engines.ts';
import { settle } from './settings.ts';

const target = (index: number) => ({ origin: `https://host-${index}`, basePath: '', path: '/v1/messages' });

function setUp() {
  const clock = new VirtualClock();
  const transport = memoryTransport({ clock, upstream: () => {} });
  return new Engines({ settings: settle({}, {}, 'salt'), transport, clock, random: seededRandom(1) });
}

test('one URL is one engine, and of many the one not used for longest is forgotten', () => {
  const engines = setUp();
  const [first, second] = [engines.for(target(0)), engines.for(target(1))];
  assert.notEqual(first, second);
  engines.for(target(0));
  for (let i = 2; i <= 64; i++) engines.for(target(i));
  assert.equal(engines.for(target(0)), first);
  assert.notEqual(engines.for(target(1)), second);
});

test('an engine that serves a call is not forgotten, however many others are asked for', () => {
  const engines = setUp();
  const busy = engines.for(target(0));
  const flow = busy.handle(call(), new CollectReply());
  for (let i = 1; i <= 200; i++) engines.for(target(i));
  assert.equal(engines.for(target(0)), busy);
  flow.abort();
  for (let i = 1; i <= 200; i++) engines.for(target(i));
  assert.notEqual(engines.for(target(0)), busy);
});
