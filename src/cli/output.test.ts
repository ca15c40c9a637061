import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canRedraw } from './output.ts';

test('nothing is drawn over on a terminal that knows no escape sequences, nor where there is no terminal', () => {
  assert.equal(canRedraw({ isTTY: true }, { TERM: 'dumb' }), false);
  assert.equal(canRedraw({}, { TERM: 'xterm' }), false);
  assert.equal(canRedraw({ isTTY: true }, { TERM: 'xterm' }), true);
  assert.equal(canRedraw({ isTTY: true }, {}), true);
});
