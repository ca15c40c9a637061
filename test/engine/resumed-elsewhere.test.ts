import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../../src/core/secret.ts';
import { begun, end, said, sse, start, thought, words } from '../recovery/one-break.ts';
import { checkStream } from '../recovery/protocol-checker.ts';
import { errorJson, json, memoryStage, primary } from './memory-stage.ts';

const model = 'claude-opus-5';
const other = {
  ...primary,
  name: 'other',
  origin: 'http://other',
  credential: { id: 'b', apiKey: new Secret('sk-ant-b'), bearer: null, oauth: false },
};
const options = { upstreams: new Map([['other', other]]), fallback: new Map([[model, [`other/${model}`]]]) };
const unreadable = errorJson('invalid_request_error', 'messages.1.content.0: Invalid `signature` in `thinking` block');
const question = { role: 'user', content: 'Hello' };
const thinking = { type: 'thinking', thinking: 'hm', signature: 'c2ln' };
const history = [question, { role: 'assistant', content: [thinking, { type: 'text', text: 'Hi.' }] }, question];

for (const [what, body] of [
  ['asked to think', { messages: [question], thinking: { type: 'adaptive' } }],
  ['not asked to', { messages: [question] }],
  ['in the history, too', { messages: history }],
] as const) {
  test(`R11: another account that cannot verify thinking was sent that of the partial answer again: ${what}`, async () => {
    const sent: string[] = [];
    const stage = memoryStage((request, respond) => {
      const asked = Buffer.from(request.body as Uint8Array).toString();
      sent.push(asked);
      if (request.origin === other.origin) {
        if (asked.includes('"signature"')) return respond.answer(400, json, unreadable);
        return respond.answer(200, sse, start() + said(0, `${words} morning.`) + end('end_turn'));
      }
      if (sent.length > 1) return respond.answer(529, json, errorJson('overloaded_error'));
      respond.head(200, sse);
      respond.data(Buffer.from(start() + thought(0) + begun(1, words)));
      respond.fail('ECONNRESET');
    }, options);
    const { reply } = stage.ask({ body: { model, stream: true, max_tokens: 1000, ...body } });
    await stage.clock.runUntil(() => reply.state === 'ended');
    const reading = checkStream(Buffer.concat(reply.chunks));
    assert.ok(reading.end === 'message');
    assert.deepEqual(reading.message.content, [thinking, { type: 'text', text: `${words} morning.` }]);
    assert.doesNotMatch(sent.at(-1) ?? '', /"thinking"/);
  });
}

test('R11: a target whose thinking is left out showed it where its answer was cut before the first word', async () => {
  let streams = 0;
  const stage = memoryStage((request, respond) => {
    if (request.origin !== other.origin) return respond.answer(529, json, errorJson('overloaded_error'));
    if (Buffer.from(request.body as Uint8Array).includes('"signature"')) return respond.answer(400, json, unreadable);
    respond.head(200, sse);
    if (streams++ > 0) respond.data(Buffer.from(start() + thought(0) + said(1, words) + end('end_turn')));
    else respond.data(Buffer.from(start() + thought(0) + begun(1, '\n\n')));
    respond.end();
  }, options);
  const { reply } = stage.ask({ body: { model, stream: true, max_tokens: 1000, messages: history } });
  await stage.clock.runUntil(() => reply.state === 'ended');
  const reading = checkStream(Buffer.concat(reply.chunks));
  assert.ok(reading.end === 'message');
  assert.deepEqual(reading.message.content, [{ type: 'text', text: words }]);
});

test('R4: a stream that could not be continued for want of money or permission went on at a fallback', async () => {
  for (const [status, type] of [
    [402, 'billing_error'],
    [403, 'permission_error'],
    [400, 'invalid_request_error'],
  ] as const) {
    const models: string[] = [];
    const stage = memoryStage(
      (request, respond) => {
        const asked = JSON.parse(Buffer.from(request.body as Uint8Array).toString());
        models.push(asked.model);
        if (asked.model !== model)
          return respond.answer(200, sse, start() + said(0, `${words} morning.`) + end('end_turn'));
        if (models.length > 1) return respond.answer(status, json, errorJson(type));
        respond.head(200, sse);
        respond.data(Buffer.from(start() + begun(0, words)));
        respond.fail('ECONNRESET');
      },
      { fallback: new Map([[model, ['claude-opus-4-8']]]) },
    );
    const { reply } = stage.ask({ body: { model, stream: true, max_tokens: 1000, messages: [question] } });
    await stage.clock.runUntil(() => reply.state === 'ended');
    const { end: how } = checkStream(Buffer.concat(reply.chunks));
    // That the form is not taken speaks of our request, and another model may take it.
    const isForm = status === 400;
    assert.deepEqual([how, models.length], isForm ? ['message', 3] : ['error', 2]);
  }
});
