import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanElements, scanMembers, valueAt } from './json-scan.ts';

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const isWholeObject = (bytes: Uint8Array) => scanMembers(bytes, new Set()) !== null;
const jsonObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 }));
/** JSON text with white space between its tokens, which `JSON.stringify` alone never makes. */
const jsonText = fc
  .tuple(jsonObject, fc.constantFrom('', ' ', '\t', '\n  '))
  .map(([v, gap]) => JSON.stringify(v, null, gap));

test('the spans of any object parse to what JSON.parse finds', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      const bytes = bytesOf(text);
      const parsed = JSON.parse(text) as Record<string, unknown>;
      const members = scanMembers(bytes, new Set(Object.keys(parsed)));
      assert.ok(members);
      assert.equal(members.size, Object.keys(parsed).length);
      for (const [name, span] of members) assert.deepEqual(valueAt(bytes, span), parsed[name]);
    }),
  );
});

test('no object that was cut anywhere counts as whole', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      const bytes = bytesOf(text);
      assert.equal(isWholeObject(bytes), true);
      for (let end = 0; end < bytes.length; end++)
        assert.equal(isWholeObject(bytes.subarray(0, end)), false, `cut at ${end}`);
    }),
    { numRuns: 50 },
  );
});

test('what is not one JSON object is refused', () => {
  const broken = [
    '',
    ' ',
    'null',
    '"a"',
    '[]',
    '[{}]',
    '{',
    '}',
    '{}{}',
    '{} x',
    '{"a":1,}',
    '{,}',
    '{"a"}',
    '{"a":}',
    '{"a" 1}',
    '{a:1}',
    "{'a':1}",
    '{"a":1 "b":2}',
    '{"a":tru}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":NaN}',
    '{"a":[}',
    '{"a":{]}',
    '{"a":"\\"}',
    '{"a":1]',
    '\uFEFF{}',
  ];
  for (const text of broken) assert.equal(isWholeObject(bytesOf(text)), false, text);
});

test('the last of duplicates counts, and escaped names are the names they spell', () => {
  const bytes = bytesOf('{"model":"first","m\\u006fdel":"second","other":{"model":"nested"}}');
  const members = scanMembers(bytes, new Set(['model']));
  assert.equal(valueAt(bytes, members?.get('model')), 'second');
});

test('a member named __proto__ is a member like any other', () => {
  const bytes = bytesOf('{"__proto__":{"model":"x"},"a":1}');
  const members = scanMembers(bytes, new Set(['__proto__', 'model']));
  assert.deepEqual(
    [...(members ?? [])].map(([name]) => name),
    ['__proto__'],
  );
});

test('the elements of an array are found, and nothing else is taken for one', () => {
  const bytes = bytesOf('{"list":[ 1 ,"a,]", [2,[3]],{"b":[]} ],"none":[ ],"text":"[1]"}');
  const members = scanMembers(bytes, new Set(['list', 'none', 'text']));
  const elements = (name: string) => {
    const span = members?.get(name);
    return (span && scanElements(bytes, span))?.map((element) => valueAt(bytes, element)) ?? null;
  };
  assert.deepEqual(elements('list'), [1, 'a,]', [2, [3]], { b: [] }]);
  assert.deepEqual(elements('none'), []);
  assert.equal(elements('text'), null);
});

test('a million open brackets neither overflow the stack nor count as whole', () => {
  const depth = 1_000_000;
  assert.equal(isWholeObject(bytesOf(`{"a":${'['.repeat(depth)}`)), false);
  assert.equal(isWholeObject(bytesOf(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)), true);
});

test('long strings are skipped rightly wherever their escapes fall', () => {
  for (let length = 0; length < 200; length++) {
    for (const tail of ['', '\\', '"', '\\"', '"\\', '\\\\"']) {
      const value = 'x'.repeat(length) + tail + 'y'.repeat(70) + tail;
      const bytes = bytesOf(JSON.stringify({ a: value, b: 1 }));
      const members = scanMembers(bytes, new Set(['a', 'b']));
      assert.equal(valueAt(bytes, members?.get('a')), value);
      assert.equal(valueAt(bytes, members?.get('b')), 1);
    }
  }
});

test('input made to be slow is scanned in linear time', () => {
  // Quadratic work on any of these 4 MB bodies would take hours: the test would not end.
  const size = 4_000_000;
  const bodies = [
    `{"a":"${'\\\\'.repeat(size / 2)}"}`,
    `{"a":"${'\\"'.repeat(size / 2)}"}`,
    `{"a":"${'x'
      .repeat(64)
      .concat('\\'.repeat(64))
      .repeat(size / 128)}"}`,
    `{"${'k'.repeat(size)}":1}`,
    `{"a":${'1'.repeat(size)}}`,
    `{${'"":0,'.repeat(size / 5)}"a":1}`,
  ];
  for (const body of bodies) assert.equal(isWholeObject(bytesOf(body)), true);
});
