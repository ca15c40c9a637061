import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchTextDelta, textDeltaPrefix } from './text-delta.ts';

const prefix = textDeltaPrefix(3);

/** Matches an event whose bytes after the prefix are `rest`, amid other bytes. */
function match(rest: string): number {
  const event = Buffer.concat([prefix, Buffer.from(rest)]);
  const bytes = Buffer.concat([Buffer.from('before'), event, Buffer.from('"}}\n\n')]);
  return matchTextDelta(bytes, 6, 6 + event.length, prefix);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('the spelling of the API is recognized', () => {
  assert.equal(match('Hello"}}\n\n'), 5);
  assert.equal(match('"}}\n\n'), 0);
  assert.equal(match('Hello"}        }\n\n'), 5);
  assert.equal(match('größer"}}\n\n'), 8);
  assert.equal(match('\\n\\"\\\\\\u00e4"}}\n\n'), 12);
});

test('any other spelling is left to be parsed', () => {
  const others = [
    'a"} }',
    'a" }}\n\n',
    'a"}} \n\n',
    'a","x":1}}\n\n',
    'a"}}\r\n\r\n',
    'a"}}\nid: 1\n\n',
    'a"}}\n',
    'a"}}',
    'a',
    '',
  ];
  for (const rest of others) assert.equal(match(rest), -1, JSON.stringify(rest));
  assert.equal(matchTextDelta(prefix.subarray(0, -1), 0, prefix.length - 1, prefix), -1);
  const whole = Buffer.concat([prefix, Buffer.from('a"}}\n\n')]);
  assert.equal(matchTextDelta(whole, 0, whole.length - 1, prefix), -1, 'the event ends before its bytes do');
  const otherIndex = Buffer.concat([textDeltaPrefix(4), Buffer.from('a"}}\n\n')]);
  assert.equal(matchTextDelta(otherIndex, 0, otherIndex.length, prefix), -1);
});

test('whatever matches is JSON, and what JSON makes of a string matches', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\\',
      '\\u',
      '\\u12G4',
      '\\u12aF',
      '\\x',
      '\\n',
      '"',
      '"}',
      '}',
      '\t',
      '\u0000',
      '\u007f',
      '\u2028',
    ),
  );
  const raw = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(raw, (text) => {
      const matched = match(`${text}"}}\n\n`) >= 0;
      if (matched) assert.ok(isJson(`{"a":{"b":"${text}"}}`), 'no broken JSON is let through');
      const escaped = JSON.stringify(text).slice(1, -1);
      assert.equal(match(`${escaped}"}}\n\n`), Buffer.byteLength(escaped));
    }),
    { numRuns: 1000 },
  );
});

test('only UTF-8 matches', () => {
  const byte = fc.oneof(
    fc.integer({ min: 0x80, max: 0xff }),
    fc.constantFrom(0x41, 0xe0, 0xed, 0xf0, 0xf4, 0xbf, 0x9f, 0x8f),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 6 }), (bytes) => {
      const text = Buffer.from(bytes);
      const event = Buffer.concat([prefix, text, Buffer.from('"}}\n\n')]);
      const isUtf8 = Buffer.from(text.toString()).equals(text);
      assert.equal(matchTextDelta(event, 0, event.length, prefix), isUtf8 ? text.length : -1);
    }),
    { numRuns: 3000 },
  );
  for (const character of [
    '\u0080',
    '\u07ff',
    '\u0800',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{10ffff}',
    '\ufffd',
  ]) {
    assert.equal(match(`${character}"}}\n\n`), Buffer.byteLength(character), character);
  }
});
