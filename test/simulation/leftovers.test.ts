import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, Flow, Reply } from '../../src/core/call.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { makeCall } from '../../src/engine/intake.ts';
import { ConcurrencyLimit } from '../../src/policies/concurrency.ts';
import { CollectReply } from '../../src/testing/collect-reply.ts';
import { type MemoryUpstream, memoryTransport, type Respond } from '../../src/testing/memory-transport.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { close, end, openText, start, stop, text } from '../fixtures/stream-events.ts';

const upstream = { name: 'default', origin: 'http://upstream', basePath: '', credential: null, models: new Map() };
const caller = { credential: null, token: null };
const json = ['content-type', 'application/json'];
const sse = ['content-type', 'text/event-stream'];
const models = ['claude-opus-5', 'claude-sonnet-5'] as const;
const callsMax = 60;

const overloaded = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
const message = '{"type":"message","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn"}';
const opening = start + openText(0) + text(0, 'Hello');
const closing = close(0) + end('end_turn') + stop;

/** One of everything that can become of an attempt, after a while. */
function play(clock: VirtualClock, random: Random, stream: boolean, respond: Respond): void {
  const pick = Math.floor(random.next() * 14);
  const head = () => respond.head(200, stream ? sse : json);
  const begin = () => {
    head();
    respond.data(stream ? opening : message.slice(0, 20));
  };
  const plays: (() => void)[] = [
    () => respond.answer(529, json, overloaded),
    () => respond.answer(500, json, '{"type":"error","error":{"type":"api_error","message":"Internal server error"}}'),
    () =>
      respond.answer(
        429,
        [...json, 'retry-after', '7'],
        '{"type":"error","error":{"type":"rate_limit_error","message":"x"}}',
      ),
    () => respond.answer(400, json, '{"type":"error","error":{"type":"invalid_request_error","message":"x"}}'),
    () => respond.answer(404, json, '{"type":"error","error":{"type":"not_found_error","message":"model: x"}}'),
    () => respond.fail('ECONNRESET'),
    () => {},
    begin,
    () => {
      begin();
      respond.fail('ECONNRESET');
    },
    () => {
      begin();
      respond.end();
    },
    () => respond.answer(200, ['content-type', 'text/html'], '<html></html>'),
  ];
  const good = () => {
    begin();
    const timer = clock.after(random.next() * 20_000, () => {
      respond.data(stream ? closing : message.slice(20));
      respond.end();
    });
    respond.onAbort(() => clock.cancel(timer));
  };
  const timer = clock.after(random.next() * 3_000, plays[pick] ?? good);
  respond.onAbort(() => clock.cancel(timer));
}

interface World {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly engine: Engine;
  /** Deadlines by call id. */
  readonly deadlines: Map<string, number>;
}

function callOf({ clock, random }: World): Call {
  const model = models[random.next() < 0.7 ? 0 : 1];
  const stream = random.next() < 0.5;
  const headers = ['ridethrough-deadline', String(1 + Math.floor(random.next() * 90))];
  if (random.next() < 0.3) headers.push('ridethrough-key', `k${Math.floor(random.next() * 3)}`);
  if (random.next() < 0.3) headers.push('ridethrough-priority', 'sheddable');
  const body = Buffer.from(JSON.stringify({ model, max_tokens: 100, stream, messages: [] }));
  const made = makeCall({ method: 'POST', path: '/v1/messages', headers }, body, caller, {
    clock,
    random,
    limits: defaultLimits,
  });
  assert.ok(!('status' in made));
  return made;
}

/** A caller that may leave, at once, later, or never, and that now and then is slow to read. */
function send(world: World): { reply: CollectReply; left: () => boolean } {
  const { clock, random, engine } = world;
  const reply = new CollectReply();
  let flow: Flow | null = null;
  let left = false;
  const slow: Reply = {
    head: (status, headers) => reply.head(status, headers),
    write: (chunk) => {
      reply.write(chunk);
      if (random.next() < 0.7) return true;
      clock.after(random.next() * 2_000, () => void (left || flow?.resume()));
      return false;
    },
    end: () => reply.end(),
    destroy: (error) => reply.destroy(error),
  };
  const call = callOf(world);
  world.deadlines.set(call.id, call.patience.deadlineAtMs);
  flow = engine.handle(call, slow);
  const leave = () => {
    left = true;
    flow?.abort();
  };
  if (random.next() < 0.05) leave();
  else if (random.next() < 0.3) clock.after(random.next() * 30_000, leave);
  return { reply, left: () => left };
}

/** It ended; and a stream that ended says in the end whether it is whole. */
function assertHonest(reply: CollectReply, name: string): void {
  assert.equal(reply.state, 'ended', name);
  if (reply.status !== 200 || !reply.header('content-type')?.startsWith('text/event-stream')) return;
  assert.match(reply.events().at(-1)?.event ?? '', /^(message_stop|error)$/, name);
  assert.ok(reply.events().filter(({ event }) => event === 'message_start').length <= 1, name);
}

for (const drains of [false, true]) {
  test(`random calls, failures and departures leave nothing behind and begin nothing late${drains ? ', in a drain too' : ''}`, async (t) => {
    let [acquired, released] = [0, 0];
    const { acquire, release } = ConcurrencyLimit.prototype;
    t.mock.method(ConcurrencyLimit.prototype, 'acquire', function (this: ConcurrencyLimit) {
      acquired++;
      acquire.call(this);
    });
    t.mock.method(ConcurrencyLimit.prototype, 'release', function (this: ConcurrencyLimit) {
      released++;
      assert.ok(this.inFlight > 0, 'a permit was given back twice');
      release.call(this);
    });
    for (let seed = 1; seed <= 150; seed++) {
      const clock = new VirtualClock();
      const random = seededRandom(seed);
      const serve: MemoryUpstream = (request, respond) =>
        play(clock, random, Buffer.from(request.body as Uint8Array).includes('"stream":true'), respond);
      const transport = memoryTransport({
        clock,
        upstream: serve,
        connectMs: 5,
        refuse: () => (random.next() < 0.05 ? { code: 'ECONNREFUSED', message: 'refused' } : null),
        reused: () => random.next() < 0.5,
      });
      const fallback = new Map([[models[0] as string, [models[1] as string]]]);
      const startedLate: string[] = [];
      const deadlines = new Map<string, number>();
      const observer = {
        attempt: (event: { callId: string; startedAtMs: number }) => {
          if (event.startedAtMs > (deadlines.get(event.callId) ?? Number.POSITIVE_INFINITY))
            startedLate.push(event.callId);
        },
      };
      const engine = createEngine({ transport, primary: upstream, fallback, clock, random, observer });
      const world: World = { clock, random, engine, deadlines };
      const callers: ReturnType<typeof send>[] = [];
      for (let i = 0; i < callsMax; i++) clock.after(random.next() * 60_000, () => callers.push(send(world)));
      await clock.advance(30_000);
      let drained: Promise<void> | null = null;
      if (drains) drained = engine.drain();
      await clock.advance(4_000_000);
      await drained;

      const name = `seed ${seed}`;
      assert.equal(callers.length, callsMax, name);
      assert.deepEqual([engine.gauges.running, engine.gauges.waiting], [0, 0], name);
      assert.deepEqual([transport.open, clock.pendingTimers], [0, 0], name);
      assert.equal(acquired, released, name);
      for (const { reply, left } of callers) if (!left()) assertHonest(reply, name);
      assert.deepEqual(startedLate, [], name);
    }
  });
}
