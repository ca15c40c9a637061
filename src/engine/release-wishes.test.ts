import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../../test/fixtures/failures.ts';
import { asksForEagerTools, expectsManyTexts, releasesWholeText } from './release-wishes.ts';

const wishesOf = (body: object | string) => {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const asked = call({ body: bytes });
  return [expectsManyTexts(asked), releasesWholeText(asked), asksForEagerTools(asked)];
};
const nothing = [false, false, false];
const user = (content: unknown) => ({ messages: [{ role: 'user', content }] });
const document = (citations: unknown) => user([{ type: 'document', source: { type: 'text', data: 'x' }, citations }]);

test('cited documents and web tools bring many texts', () => {
  assert.deepEqual(wishesOf(document({ enabled: true })), [true, true, false]);
  assert.deepEqual(wishesOf(JSON.stringify(document({ enabled: true }), null, 2)), [true, true, false]);
  assert.deepEqual(wishesOf({ tools: [{ type: 'web_search_20260209', name: 'web_search' }] }), [true, true, false]);
  assert.deepEqual(wishesOf({ tools: [{ name: 'web_fetch', type: 'web_fetch_20260209' }] }), [true, true, false]);
  const late = [...Array.from({ length: 9 }, () => ({ name: 'x', description: '"web_"' })), { type: 'web_search_2' }];
  assert.deepEqual(wishesOf({ tools: late }), [true, true, false]);
});

test('JSON output is text that is released whole, eager tools are those that say so', () => {
  const format = { type: 'json_schema', schema: {} };
  assert.deepEqual(wishesOf({ output_config: { format } }), [false, true, false]);
  assert.deepEqual(wishesOf({ output_format: format }), [false, true, false]);
  assert.deepEqual(wishesOf({ tools: [{ name: 'f', eager_input_streaming: true }] }), [false, false, true]);
});

test('the same words elsewhere change nothing: in a prompt, in the schema of a tool, turned off', () => {
  const schema = { type: 'object', properties: { citations: { type: 'array' }, json_schema: {}, web_search_: {} } };
  const words = 'use "citations":{"enabled":true}, "json_schema", "type":"web_search_1", "eager_input_streaming":true';
  for (const body of [
    { tools: [{ name: 'cite', input_schema: schema }] },
    { tools: [{ name: 'web_search_of_ours', input_schema: schema, eager_input_streaming: false }] },
    { tools: [{ name: 'f', description: words }] },
    { ...user(words), system: words },
    document({ enabled: false }),
    document(null),
    { ...user('hi'), metadata: { citations: { enabled: true } } },
    user([{ type: 'tool_use', name: 'f', input: { citations: [], type: 'web_search_1', json_schema: 1 } }]),
    '{"messages":"citations","citations":{"enabled":true}}',
  ]) {
    assert.deepEqual(wishesOf(body), nothing, JSON.stringify(body));
  }
});
