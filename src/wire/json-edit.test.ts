import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { insertMember, removeMember, replaceMembers } from './json-edit.ts';
import { scanMembers } from './json-scan.ts';

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const jsonObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 });
const gap = fc.constantFrom('', ' ', '\n ');

test('replaced members read as the new values, and replacing them back restores every byte', () => {
  fc.assert(
    fc.property(jsonObject, gap, fc.jsonValue(), (object, space, value) => {
      const names = Object.keys(object).filter((_, i) => i % 2 === 0);
      const bytes = bytesOf(JSON.stringify(object, null, space));
      const members = scanMembers(bytes, new Set(names));
      assert.ok(members);
      const edited = replaceMembers(
        bytes,
        [...members.values()].map((span) => ({ span, json: JSON.stringify(value) })),
      );
      const parsed = JSON.parse(textOf(edited)) as Record<string, unknown>;
      for (const [name, old] of Object.entries(object)) {
        assert.deepEqual(parsed[name], JSON.parse(JSON.stringify(names.includes(name) ? value : old)));
      }
      const again = scanMembers(edited, new Set(names));
      const back = names.map((name) => {
        const was = members.get(name);
        const is = again?.get(name);
        assert.ok(was && is);
        return { span: is, json: textOf(bytes.subarray(was.start, was.end)) };
      });
      assert.equal(textOf(replaceMembers(edited, back)), textOf(bytes));
    }),
  );
});

test('replacing changes nothing outside the spans', () => {
  const bytes = bytesOf('{ "a" : 1.0 ,\n"big":12345678901234567890,"b":\t[ 1 ] }');
  const members = scanMembers(bytes, new Set(['a', 'b']));
  const [a, b] = [members?.get('a'), members?.get('b')];
  assert.ok(a && b);
  const edits = [
    { span: b, json: 'null' },
    { span: a, json: '"é"' },
  ];
  assert.equal(textOf(replaceMembers(bytes, edits)), '{ "a" : "é" ,\n"big":12345678901234567890,"b":\tnull }');
});

test('an inserted member is there, and the others are too', () => {
  fc.assert(
    fc.property(jsonObject, gap, (object, space) => {
      const edited = insertMember(bytesOf(JSON.stringify(object, null, space)), 'new "one"', '{"x":[1]}');
      assert.deepEqual(JSON.parse(textOf(edited)), JSON.parse(JSON.stringify({ 'new "one"': { x: [1] }, ...object })));
    }),
  );
  assert.equal(textOf(insertMember(bytesOf(' { } '), 'stream', 'true')), ' {"stream":true } ');
});

test('a removed member is gone, the others stay, and what is left is JSON', () => {
  fc.assert(
    fc.property(jsonObject, gap, fc.nat(), (object, space, choice) => {
      const name = Object.keys(object)[choice % Math.max(1, Object.keys(object).length)] ?? 'absent';
      const { [name]: _gone, ...rest } = object;
      const edited = removeMember(bytesOf(JSON.stringify(object, null, space)), name);
      assert.deepEqual(JSON.parse(textOf(edited)), JSON.parse(JSON.stringify(rest)));
    }),
  );
});

test('removing takes all duplicates, lest an earlier one comes into force', () => {
  const remove = (text: string) => textOf(removeMember(bytesOf(text), 'x'));
  assert.equal(remove('{"x":1,"x":2}'), '{}');
  assert.equal(remove('{"x":1,"a":0,"\\u0078":2,"x":3}'), '{"a":0}');
  assert.equal(remove('{"a":0,"x":1,"x":2,"b":0}'), '{"a":0,"b":0}');
  assert.equal(remove('{"a":{"x":1}}'), '{"a":{"x":1}}');
});
