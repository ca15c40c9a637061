import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../../src/core/call.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { seededRandom } from '../../src/core/random.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { makeCall } from '../../src/engine/intake.ts';
import { CollectReply } from '../../src/testing/collect-reply.ts';
import { memoryTransport, type Respond } from '../../src/testing/memory-transport.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

const upstream = { name: 'default', origin: 'http://upstream', basePath: '', credential: null, models: new Map() };
const caller = { credential: null, token: null };
const sse = ['content-type', 'text/event-stream'];

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`;
}

const usage = { input_tokens: 1, output_tokens: 1 };
const start = event('message_start', {
  message: { id: 'm', type: 'message', role: 'assistant', model: 'claude-opus-5', content: [], usage },
});
const end = (reason: string | null) =>
  event('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 9 } });
const stop = event('message_stop', {});

/** One content block: its start, its deltas, and its stop unless it is left open. */
function block(index: number, content: object, deltas: object[], open = false): string {
  return [
    event('content_block_start', { index, content_block: content }),
    ...deltas.map((delta) => event('content_block_delta', { index, delta })),
    open ? '' : event('content_block_stop', { index }),
  ].join('');
}
const text = (index: number, ...pieces: string[]) =>
  block(
    index,
    { type: 'text', text: '' },
    pieces.map((piece) => ({ type: 'text_delta', text: piece })),
  );
const tool = (index: number, json: string, open = false) =>
  block(
    index,
    { type: 'tool_use', id: `toolu_${index}`, name: 'look', input: {} },
    [{ type: 'input_json_delta', partial_json: json }],
    open,
  );

/** Sends one streaming call; attempt N is answered by `answers[N]`, the last one again and again. */
async function play(answers: ((respond: Respond) => void)[], headers: string[] = []) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const bodies: string[] = [];
  const transport = memoryTransport({
    clock,
    upstream: (request, respond) => {
      const answer = answers[Math.min(bodies.length, answers.length - 1)];
      bodies.push(Buffer.from(request.body as Uint8Array).toString());
      answer?.(respond);
    },
  });
  const engine = createEngine({ transport, primary: upstream, clock, random });
  const body = Buffer.from(
    '{"model":"claude-opus-5","max_tokens":1000,"stream":true,"messages":[{"role":"user","content":"x"}]}',
  );
  const call = makeCall({ method: 'POST', path: '/v1/messages', headers }, body, caller, {
    clock,
    random,
    limits: defaultLimits,
  });
  const reply = new CollectReply();
  engine.handle(call as Call, reply);
  await clock.runUntil(() => reply.state === 'ended' || reply.state === 'destroyed');
  return { reply, bodies, said: reply.text(), clock };
}

const whole =
  (body: string, headers = sse) =>
  (respond: Respond) => {
    respond.head(200, headers);
    respond.data(Buffer.from(body));
    respond.end();
  };

test('a stream with broken tool arguments after text is not closed as a success without its tool', async () => {
  const broken = whole(start + text(0, 'I look.') + tool(1, '{"a":') + end('tool_use') + stop);
  const healed = whole(start + tool(0, '{"a":1}') + end('tool_use') + stop);
  const { said, bodies } = await play([broken, healed]);
  assert.equal(bodies.length, 2);
  assert.match(said, /"partial_json":"\{\\"a\\":1\}"/);
  assert.match(said, /message_stop/);
});

test('a message_delta without a stop reason before the cut does not end the answer with "null"', async () => {
  const cut = (respond: Respond) => {
    respond.head(200, sse);
    respond.data(Buffer.from(start + text(0, 'The quick brown fox jumps over the lazy dog, and') + end(null)));
    respond.fail('ECONNRESET', 'reset');
  };
  const { said } = await play([cut, whole(start + end('end_turn') + stop)]);
  assert.doesNotMatch(said, /"stop_reason":"null"/);
});

test('a tool without arguments, told as an empty piece, is whole', async () => {
  const { said, bodies } = await play([whole(start + text(0, 'Now.') + tool(1, '') + end('tool_use') + stop)]);
  assert.equal(bodies.length, 1);
  assert.match(said, /toolu_1/);
  assert.match(said, /message_stop/);
});

test('half a tool call that was released by delta is never closed as a whole turn', async () => {
  const cut = (respond: Respond) => {
    respond.head(200, sse);
    respond.data(Buffer.from(start + tool(0, '{"a":1}') + tool(1, '{"b":', true)));
    respond.fail('ECONNRESET', 'reset');
  };
  const { said } = await play([cut], ['ridethrough-release', 'delta']);
  assert.doesNotMatch(said, /message_stop/);
  assert.match(said, /event: error/);
});

test('a stream does not keep the length that its upstream named: pings and seams change it', async () => {
  const { reply } = await play([
    whole(start + text(0, 'Hi') + end('end_turn') + stop, [...sse, 'content-length', '99999']),
  ]);
  assert.equal(reply.header('content-length'), null);
});

test('white space that begins a new block of a continuation is not lost', async () => {
  const cut = (respond: Respond) => {
    respond.head(200, sse);
    const search = block(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }, []);
    const found = block(1, { type: 'web_search_tool_result', tool_use_id: 's', content: [] }, []);
    respond.data(Buffer.from(start + search + found));
    respond.fail('ECONNRESET', 'reset');
  };
  const { said } = await play([cut, whole(start + text(0, '\n\n', 'Found it.') + end('end_turn') + stop)]);
  const pieces = [...said.matchAll(/"text_delta","text":("(?:[^"\\]|\\.)*")/g)].map(([, json]) =>
    JSON.parse(json as string),
  );
  assert.equal(pieces.join(''), '\n\nFound it.');
});

test('pings after message_stop do not keep a call open', async () => {
  const clockwork = (respond: Respond, clock: () => VirtualClock) => {
    respond.head(200, sse);
    respond.data(Buffer.from(start + text(0, 'Hi') + end('end_turn') + stop));
    const ping = () => {
      respond.data(Buffer.from('event: ping\ndata: {"type":"ping"}\n\n'));
      clock().after(900, ping);
    };
    clock().after(900, ping);
  };
  const clock = new VirtualClock();
  const transport = memoryTransport({ clock, upstream: (_, respond) => clockwork(respond, () => clock) });
  const engine = createEngine({ transport, primary: upstream, clock, random: seededRandom(1) });
  const body = Buffer.from('{"model":"claude-opus-5","max_tokens":10,"stream":true,"messages":[]}');
  const call = makeCall({ method: 'POST', path: '/v1/messages', headers: [] }, body, caller, {
    clock,
    random: seededRandom(1),
    limits: defaultLimits,
  });
  const reply = new CollectReply();
  engine.handle(call as Call, reply);
  await clock.advance(5_000);
  assert.equal(reply.state, 'ended');
});
