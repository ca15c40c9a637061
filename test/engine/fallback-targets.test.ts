import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frames } from '../../src/faults/api/events.ts';
import { expectedAnswer } from '../../src/faults/index.ts';
import { headerOf } from '../../src/wire/headers.ts';
import { checkStream } from '../recovery/protocol-checker.ts';
import { errorJson, json, memoryStage, message } from './memory-stage.ts';

const seconds = 1000;
const target = 'claude-haiku-4-5';
const fallback = new Map([['claude-opus-5', [target]]]);
const isTarget = (body: unknown) => Buffer.from(body as Uint8Array).includes(target);
const down = errorJson('overloaded_error');

test('a target is not sent the betas that it is known to refuse, nor, twice, those that it names', async () => {
  const betas: (string | null)[] = [];
  const { clock, ask } = memoryStage(
    ({ headers, body }, respond) => {
      if (!isTarget(body)) return respond.answer(529, json, down);
      const asked = headerOf(headers, 'anthropic-beta');
      betas.push(asked);
      if (!asked?.includes('effort')) return respond.answer(200, json, message);
      const says = 'Unexpected value(s) `effort-2025-11-24` for the `anthropic-beta` header.';
      respond.answer(400, json, errorJson('invalid_request_error', says));
    },
    { fallback },
  );
  const { reply } = ask({
    headers: ['anthropic-beta', 'context-1m-2025-08-07,effort-2025-11-24,files-api-2025-04-14'],
  });
  await clock.advance(60 * seconds);
  assert.equal(reply.text(), message);
  assert.deepEqual(betas, ['effort-2025-11-24,files-api-2025-04-14', 'files-api-2025-04-14']);
  const adapted = 'anthropic-beta-context-1m-2025-08-07,anthropic-beta-effort-2025-11-24';
  assert.equal(reply.header('ridethrough-adapted'), adapted);
});

test('a target that nobody configured is refused under the id of the call', async () => {
  const { ask } = memoryStage((_request, respond) => respond.answer(200, json, message), { fallback });
  const { reply } = ask({ headers: ['ridethrough-fallback', 'claude-x', 'ridethrough-x', '1'] });
  assert.equal(reply.status, 400);
  assert.equal(reply.header('ridethrough-id'), JSON.parse(reply.text()).request_id);
  assert.equal(reply.header('ridethrough-warning'), 'unknown header ridethrough-x');
});

const thought = (signature: string) => ({ type: 'thinking', thinking: 'Hm.', signature });
const asked = {
  max_tokens: 2048,
  thinking: { type: 'enabled', budget_tokens: 1024 },
  messages: [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: [thought('Er1'), { type: 'text', text: 'Hello.' }] },
    { role: 'user', content: 'Go on' },
  ],
};
const answer = {
  ...expectedAnswer({ model: target, max_tokens: 9, messages: asked.messages }),
  content: [thought('Er2'), { type: 'text', text: 'So it goes.' }, thought('Er3'), { type: 'text', text: 'And on.' }],
};
const shown = answer.content.filter(({ type }) => type === 'text');

for (const form of ['stream', 'whole', 'collected'] as const) {
  test(`R11: where the history went without thinking, the target's own is left out of the answer: ${form}`, async () => {
    const { clock, ask } = memoryStage(
      ({ body }, respond) => {
        if (!isTarget(body)) return respond.answer(529, json, down);
        const says = 'messages.1.content.0: Invalid `signature` in `thinking` block';
        if (Buffer.from(body as Uint8Array).includes('Er1')) {
          return respond.answer(400, json, errorJson('invalid_request_error', says));
        }
        const bytes = JSON.stringify(answer);
        const length = ['content-length', String(bytes.length)];
        if (form === 'whole') return respond.answer(200, [...json, ...length], bytes);
        respond.answer(200, ['content-type', 'text/event-stream'], frames(answer as never).join(''));
      },
      { fallback, collect: form === 'collected' ? 'always' : 'off' },
    );
    const { reply } = ask({ body: { ...asked, stream: form === 'stream' } });
    await clock.advance(60 * seconds);
    assert.match(reply.header('ridethrough-adapted') ?? '', /thinking_history/);
    if (form === 'stream') {
      const reading = checkStream(Buffer.concat(reply.chunks));
      assert.ok(reading.end === 'message');
      assert.deepEqual([reading.message.content, reading.message.id], [shown, answer.id]);
    } else {
      assert.deepEqual(reply.json(), { ...answer, content: shown });
      assert.equal(Number(reply.header('content-length')), reply.text().length);
    }
  });
}

test('R11: an answer that goes without its thinking is continued like any other when it breaks', async () => {
  let cut = false;
  const { clock, ask } = memoryStage(
    ({ body }, respond) => {
      const sent = Buffer.from(body as Uint8Array);
      if (!isTarget(sent)) return respond.answer(529, json, down);
      if (sent.includes('Er1')) {
        return respond.answer(400, json, errorJson('invalid_request_error', 'Invalid `signature` in `thinking` block'));
      }
      respond.head(200, ['content-type', 'text/event-stream']);
      if (cut) {
        assert.ok(!sent.includes('Er2'));
        const rest = { ...answer, content: [{ type: 'text', text: ' goes.' }, ...answer.content.slice(3)] };
        respond.data(frames(rest as never).join(''));
        return respond.end();
      }
      cut = true;
      const stream = frames(answer as never).join('');
      respond.data(stream.slice(0, stream.indexOf(' goes.')));
      respond.data('"}}\n\n');
      respond.fail('ECONNRESET');
    },
    { fallback },
  );
  const { reply } = ask({ body: { ...asked, stream: true } });
  await clock.advance(60 * seconds);
  const reading = checkStream(Buffer.concat(reply.chunks));
  assert.ok(reading.end === 'message', reply.text());
  assert.deepEqual(reading.message.content, shown);
});
