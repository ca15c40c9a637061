import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Screen } from './screen.ts';

/** A terminal that keeps every write apart. */
function terminal() {
  const writes: string[] = [];
  const state = { ready: true, onDrain: null as (() => void) | null };
  return {
    writes,
    state,
    write(text: string) {
      writes.push(text);
      return state.ready;
    },
    once(_event: 'drain', listener: () => void) {
      state.onDrain = listener;
    },
  };
}

test('a frame is one write, between the marks of synchronized output, of the changed lines only', () => {
  const out = terminal();
  const screen = new Screen(out);
  screen.open();
  screen.draw(['one', 'two', 'three']);
  out.writes.length = 0;
  screen.draw(['one', 'TWO', 'three']);
  assert.deepEqual(out.writes, ['\x1b[?2026h\x1b[2;1H\x1b[2KTWO\x1b[0m\x1b[?2026l']);
  screen.draw(['one', 'TWO', 'three']);
  assert.equal(out.writes.length, 1, 'nothing has changed');
  screen.draw(['one']);
  assert.deepEqual(out.writes[1], '\x1b[?2026h\x1b[2;1H\x1b[J\x1b[?2026l');
});

test('after a resize every line is drawn again', () => {
  const out = terminal();
  const screen = new Screen(out);
  screen.open();
  screen.draw(['one', 'two']);
  screen.resized();
  screen.draw(['one', 'two']);
  assert.match(out.writes.at(-1) ?? '', /one.*two/s);
});

test('a terminal that does not keep up misses frames, not memory', () => {
  const out = terminal();
  const screen = new Screen(out);
  screen.open();
  out.state.ready = false;
  screen.draw(['1']);
  for (let i = 2; i < 50; i++) screen.draw([String(i)]);
  assert.equal(out.writes.length, 2);
  out.state.ready = true;
  out.state.onDrain?.();
  screen.draw(['50']);
  assert.match(out.writes.at(-1) ?? '', /50/);
});

test('the terminal is given back once, cursor and all, and nothing is drawn afterwards', () => {
  const out = terminal();
  const screen = new Screen(out);
  screen.open();
  screen.close();
  assert.equal(out.writes.at(-1), '\x1b[?7h\x1b[?25h\x1b[?1049l');
  const count = out.writes.length;
  screen.close();
  screen.draw(['late']);
  assert.equal(out.writes.length, count);
});
