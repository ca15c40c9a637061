import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import { ask, type Observation, observe, silenceClock } from '../testing/observe.ts';
import { expectedAnswer } from './api/answer.ts';
import { frames } from './api/events.ts';
import { allFaults, faults, findFault } from './registry.ts';
import { startSimulator } from './start-simulator.ts';

const scenario = { waitScale: 0, waits: { stallMs: 1_800_000, retryAfterSeconds: 58 } };
const answer = expectedAnswer(ask());
const stream = frames(answer).join('');

/** Thinking, text and a tool call in one answer, so that each kind of block can be hit. */
const everyBlock = {
  thinking: { type: 'adaptive' },
  tools: [{ name: 'write', input_schema: { type: 'object', properties: { path: { type: 'string' } } } }],
};

async function play(name: string, streaming: boolean, more: object = {}): Promise<Observation> {
  const { clock, silent } = silenceClock();
  const simulator = await startSimulator({ clock, scenario });
  simulator.next(name);
  const seen = await observe(simulator.url, { body: ask({ stream: streaming, ...more }), silent });
  await simulator.close();
  return seen;
}

const errorType = (seen: Observation) => JSON.parse(seen.body).error.type;

test('every fault has a name of its own, a sentence and is found by its name', () => {
  const names = allFaults().map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const fault of faults) {
    assert.match(fault.name, /^[a-z0-9-]+$/);
    assert.match(fault.summary, /^[A-Za-z].*\.$/);
    assert.equal(findFault(fault.name), fault);
  }
});

for (const [name, status, type] of [
  ['internal-error', 500, 'api_error'],
  ['overloaded', 529, 'overloaded_error'],
  ['rate-limited', 429, 'rate_limit_error'],
  ['error-under-200', 200, 'overloaded_error'],
] as const) {
  test(`${name} is status ${status} with ${type}`, async () => {
    for (const streaming of [true, false]) {
      const seen = await play(name, streaming);
      assert.equal(seen.status, status);
      assert.equal(errorType(seen), type);
      assert.equal(JSON.parse(seen.body).request_id, seen.headers['request-id']);
      assert.equal(seen.headers['retry-after'], name === 'rate-limited' ? '58' : undefined);
    }
  });
}

for (const [name, status, contentType, body] of [
  ['unavailable-text', 503, 'text/plain', /reset reason: overflow$/],
  ['html-edge-page', 502, 'text/html', /502 Bad Gateway/],
  ['html-200', 200, 'text/html; charset=utf-8', /Please sign in/],
  ['empty-200', 200, 'text/event-stream; charset=utf-8', /^$/],
] as const) {
  test(`${name} is ${contentType} under status ${status}`, async () => {
    const seen = await play(name, true);
    assert.deepEqual([seen.status, seen.headers['content-type'], seen.end], [status, contentType, 'whole']);
    assert.match(seen.body, body);
  });
}

for (const name of ['refuse', 'reset-before-head']) {
  test(`${name} breaks the connection with no head`, async () => {
    const seen = await play(name, true);
    assert.deepEqual([seen.status, seen.end, seen.code], [null, 'broken', 'ECONNRESET']);
  });
}

test('reset-after-head and stall-after-head send a head and no byte of body', async () => {
  const reset = await play('reset-after-head', true);
  assert.deepEqual([reset.status, reset.body, reset.end], [200, '', 'broken']);
  const stall = await play('stall-after-head', true);
  assert.deepEqual([stall.status, stall.body, stall.end], [200, '', 'silent']);
});

test('hang-before-head never answers', async () => {
  const seen = await play('hang-before-head', true);
  assert.deepEqual([seen.status, seen.end], [null, 'silent']);
});

test('error-first-event and error-after-message-start end with an error event, or are JSON where no stream was asked for', async () => {
  const first = await play('error-first-event', true);
  assert.match(first.body, /^event: error\ndata: \{"type":"error".*"overloaded_error".*\}\n\n$/);
  const second = await play('error-after-message-start', true);
  assert.match(second.body, /^event: message_start\n.*\n\nevent: ping\n.*\n\nevent: error\n.*\n\n$/);
  for (const name of ['error-first-event', 'error-after-message-start']) {
    assert.equal(errorType(await play(name, false)), 'overloaded_error');
  }
});

test('first-chunk-reset breaks streams after message_start, and spares what does not stream', async () => {
  const broken = await play('first-chunk-reset', true);
  assert.equal(broken.end, 'broken');
  assert.equal(broken.body, frames(answer)[0]);
  assert.deepEqual(JSON.parse((await play('first-chunk-reset', false)).body), answer);
});

test('pings-only sends message_start and pings until the time of a stall is over', async () => {
  const simulator = await startSimulator({ scenario: { waits: { pingMs: 1, stallMs: 5 } } });
  simulator.next('pings-only');
  const seen = await observe(simulator.url, { body: ask({ stream: true }) });
  await simulator.close();
  assert.match(seen.body, /^event: message_start\n.*\n\n(event: ping\n.*\n\n){5}$/);
  assert.equal(seen.end, 'broken');
});

test('stale-keep-alive answers, then resets the next request on that connection and no other', async () => {
  const simulator = await startSimulator();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  simulator.next('stale-keep-alive');
  const first = await observe(simulator.url, { body: ask(), agent });
  assert.deepEqual(JSON.parse(first.body), answer);
  const second = await observe(simulator.url, { body: ask(), agent });
  assert.deepEqual([second.status, second.code], [null, 'ECONNRESET']);
  const third = await observe(simulator.url, { body: ask(), agent });
  assert.equal(third.status, 200);
  const [a, b, c] = simulator.attempts;
  assert.equal(a?.clientPort, b?.clientPort);
  assert.notEqual(b?.clientPort, c?.clientPort);
  agent.destroy();
  await simulator.close();
});

test('compressed brings the whole answer in gzip, json-for-stream as JSON', async () => {
  const simulator = await startSimulator();
  simulator.next('compressed', 2);
  for (const streaming of [true, false]) {
    const init = { method: 'POST', body: ask({ stream: streaming }), headers: { 'x-api-key': 'k' } };
    const response = await fetch(`${simulator.url}/v1/messages`, init);
    assert.equal(response.headers.get('content-encoding'), 'gzip');
    assert.equal(await response.text(), streaming ? stream : JSON.stringify(answer));
  }
  await simulator.close();
  for (const streaming of [true, false]) {
    const seen = await play('json-for-stream', streaming);
    assert.equal(seen.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(seen.body), answer);
  }
});

test('slow-body brings the whole answer', async () => {
  assert.equal((await play('slow-body', true)).body, stream);
  assert.deepEqual(JSON.parse((await play('slow-body', false)).body), answer);
});

for (const [name, end] of [
  ['cut-clean', 'whole'],
  ['cut-reset', 'broken'],
  ['truncated-body', 'broken'],
  ['stall-mid-text', 'silent'],
  ['cut-stall', 'silent'],
] as const) {
  test(`${name} delivers content, but not all of it, and ends ${end}`, async () => {
    const seen = await play(name, true);
    assert.equal(seen.end, end);
    // The last character may be torn, and then reads as U+FFFD.
    assert.ok(stream.startsWith(seen.body.replace(/\uFFFD+$/, '')));
    assert.match(seen.body, /text_delta/);
    assert.doesNotMatch(seen.body, /message_delta/);
    const whole = await play(name, false);
    assert.equal(whole.end, end);
    assert.throws(() => JSON.parse(whole.body));
    assert.ok(JSON.stringify(answer).startsWith(whole.body.replace(/\uFFFD+$/, '')));
  });
}

for (const [name, delta] of [
  ['error-mid-text', 'text_delta'],
  ['error-mid-thinking', 'thinking_delta'],
  ['error-mid-tool', 'input_json_delta'],
] as const) {
  test(`${name} strikes right after a ${delta}`, async () => {
    const more = name === 'error-mid-text' ? {} : everyBlock;
    const seen = await play(name, true, more);
    const events = seen.body.split('\n\n');
    assert.match(events.at(-3) ?? '', new RegExp(`"type":"${delta}"`));
    assert.match(events.at(-2) ?? '', /^event: error\n.*overloaded_error/);
    assert.doesNotMatch(seen.body, /message_delta|signature_delta.*\n\nevent: error/);
    assert.equal(errorType(await play(name, false, more)), 'overloaded_error');
  });
}

test('cut-error ends with an error event after a whole one; the JSON of what does not stream just ends', async () => {
  const seen = await play('cut-error', true);
  assert.equal(seen.end, 'whole');
  const [sent = '', error = ''] = seen.body.split(/(?=event: error)/);
  assert.ok(stream.startsWith(sent) && sent.endsWith('\n\n') && /text_delta/.test(sent));
  assert.match(error, /^event: error\ndata: .*"type":"(overloaded|api)_error".*\n\n$/);
  const { end, body } = await play('cut-error', false);
  assert.deepEqual([end, JSON.stringify(answer).startsWith(body.replace(/\uFFFD+$/, ''))], ['whole', true]);
});

test('a cut can be told its byte', async () => {
  for (const [name, end] of [
    ['cut-reset@300', 'broken'],
    ['cut-clean@300', 'whole'],
    ['cut-stall@300', 'silent'],
  ] as const) {
    const streaming = await play(name, true);
    assert.deepEqual([streaming.end, streaming.body], [end, stream.slice(0, 300)]);
    assert.equal((await play(name.replace('300', '40'), false)).body, JSON.stringify(answer).slice(0, 40));
  }
  assert.equal(findFault('cut-nothing@300'), undefined);
  assert.equal(findFault('html-200@300'), undefined);
});

test('broken-json pastes a foreign error into an unfinished event', async () => {
  const seen = await play('broken-json', true);
  assert.match(seen.body, /"text_delta"[^\n]*\ndata: \{"type":"error","sequence_number":0/);
  assert.throws(() => JSON.parse((seen.body.split('\n\n').at(-2) ?? '').split('\n')[1]?.slice(6) ?? ''));
  const body = (await play('broken-json', false)).body;
  assert.throws(() => JSON.parse(body));
});

test('a request that is refused is refused in the midst of a fault of the stream, too', async () => {
  const seen = await play('cut-reset', true, { model: 'claude-none' });
  assert.deepEqual([seen.status, errorType(seen)], [404, 'not_found_error']);
});
