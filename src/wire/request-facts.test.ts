import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestFacts } from './request-facts.ts';

const read = (text: string, endpoint: 'messages' | 'count_tokens' = 'messages') =>
  requestFacts(Buffer.from(text), endpoint);

test('model, stream and max_tokens are read from anywhere at the top level', () => {
  const body =
    '{"messages":[{"role":"user","content":"\\"model\\":\\"no\\""}],"max_tokens":1024,"stream":true,"model":"claude-opus-5-5"}';
  assert.deepEqual(read(body), { facts: { model: 'claude-opus-5-5', stream: true, maxTokens: 1024, thinks: false } });
});

test('a missing or null stream is none, and count_tokens needs no max_tokens', () => {
  assert.deepEqual(read('{"model":"m","max_tokens":1,"stream":null}'), {
    facts: { model: 'm', stream: false, maxTokens: 1, thinks: false },
  });
  assert.deepEqual(read('{"model":"m"}', 'count_tokens'), {
    facts: { model: 'm', stream: false, maxTokens: null, thinks: false },
  });
});

test('tokens are never counted as a stream', () => {
  assert.deepEqual(read('{"model":"m","stream":true}', 'count_tokens'), {
    facts: { model: 'm', stream: false, maxTokens: null, thinks: false },
  });
});

test('max_tokens of 0, which warms the prompt cache, is left to the API', () => {
  assert.deepEqual(read('{"model":"m","max_tokens":0}'), {
    facts: { model: 'm', stream: false, maxTokens: 0, thinks: false },
  });
});

test('what the API is certain to refuse is told in one sentence', () => {
  const problems: [body: string, problem: string][] = [
    ['', 'The request body is empty; it should be a JSON object.'],
    ['{"model":"m",', 'The request body is not valid JSON.'],
    ['{"model":"m"} x', 'The request body is not valid JSON.'],
    ['hello', 'The request body is not valid JSON.'],
    ['[1]', 'The request body should be a JSON object.'],
    ['null', 'The request body should be a JSON object.'],
    ['{}', 'model: Field required'],
    ['{"model":"a\nb","max_tokens":1}', 'The request body is not valid JSON.'],
    ['{"model":null,"max_tokens":1}', 'model: Input should be a valid string'],
    ['{"model":7,"max_tokens":1}', 'model: Input should be a valid string'],
    ['{"model":"","max_tokens":1}', 'model: String should have at least 1 character'],
    [`{"model":"${'m'.repeat(257)}","max_tokens":1}`, 'model: String should have at most 256 characters'],
    ['{"model":"m","max_tokens":1,"stream":"true"}', 'stream: Input should be a valid boolean'],
    ['{"model":"m"}', 'max_tokens: Field required'],
    ['{"model":"m","max_tokens":null}', 'max_tokens: Input should be a valid integer'],
    ['{"model":"m","max_tokens":"10"}', 'max_tokens: Input should be a valid integer'],
    ['{"model":"m","max_tokens":1.5}', 'max_tokens: Input should be a valid integer'],
    ['{"model":"m","max_tokens":-1}', 'max_tokens: Input should be greater than or equal to 0'],
  ];
  for (const [body, problem] of problems) assert.deepEqual(read(body), { problem }, body);
});
