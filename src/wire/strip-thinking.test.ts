import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripThinking } from './strip-thinking.ts';

const thinking = { type: 'thinking', thinking: 'hm', signature: 'abc' };
const redacted = { type: 'redacted_thinking', data: 'xyz' };
const text = { type: 'text', text: 'Hi' };
const user = { role: 'user', content: 'Hello' };
const assistant = (...content: object[]) => ({ role: 'assistant', content });
const placeholder = assistant({ type: 'text', text: '(thinking removed)' });

function strip(messages: object[], over: object = {}): unknown {
  const stripped = stripThinking(Buffer.from(JSON.stringify({ model: 'm', messages, ...over })));
  return stripped === null ? null : JSON.parse(Buffer.from(stripped).toString());
}

test('all thinking goes, of every message, and so does the parameter', () => {
  const messages = [user, assistant(thinking, redacted, text), user, assistant(text, thinking)];
  assert.deepEqual(strip(messages, { thinking: { type: 'adaptive' }, max_tokens: 1 }), {
    model: 'm',
    messages: [user, assistant(text), user, assistant(text)],
    max_tokens: 1,
  });
});

test('what is not thinking stays byte for byte', () => {
  const tool =
    '{ "type":"tool_use","id":"t","name":"n","input":{"big":12345678901234567890,"one":1.0,"type":"thinking"} }';
  const body = (blocks: string) =>
    `{"model":"m", "messages":[ {"role":"user","content":"a\\u00e9"},{"role" : "assistant","content":[${blocks}]} ]}`;
  const stripped = stripThinking(Buffer.from(body(`${JSON.stringify(thinking)},${tool}`)));
  assert.ok(stripped);
  assert.equal(Buffer.from(stripped).toString(), body(tool).replace('[ {', '[{').replace('} ]}', '}]}'));
});

test('a message left empty is dropped where the roles still alternate, and else says so', () => {
  const empty = assistant(thinking);
  const messagesOf = (messages: object[]) => (strip(messages) as { messages: object[] }).messages;
  assert.deepEqual(messagesOf([user, empty]), [user]);
  assert.deepEqual(messagesOf([user, empty, user]), [user, placeholder, user]);
  assert.deepEqual(messagesOf([user, empty, assistant(text)]), [user, assistant(text)]);
  assert.deepEqual(messagesOf([user, empty, empty, user]), [user, placeholder, user]);
  assert.deepEqual(messagesOf([user, assistant(text), empty, user]), [user, assistant(text), user]);
  assert.deepEqual(messagesOf([empty]), [placeholder]);
});

test('without thinking there is nothing to do', () => {
  assert.equal(strip([user, assistant(text), { role: 'user', content: 'thinking' }]), null);
  assert.deepEqual(strip([user], { thinking: { type: 'adaptive' } }), { model: 'm', messages: [user] });
});

test('what is no Messages request is left alone', () => {
  for (const body of ['', '{', '[]', '{}', '{"messages":"x"}', '{"messages":{}}'])
    assert.equal(stripThinking(Buffer.from(body)), null);
});
