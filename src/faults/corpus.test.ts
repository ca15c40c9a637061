import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, observe, silenceClock } from '../testing/observe.ts';
import { corpus, corpusFaults, notPlayable } from './corpus.ts';
import { startSimulator } from './start-simulator.ts';

/** Pauses are played in no time, silences last for ever. */
const scenario = { waitScale: 0, waits: { stallMs: 1_800_000 } };
const ends = { end: 'whole', reset: 'broken', stall: 'silent' } as const;

async function play(id: string, stream: boolean) {
  const { clock, silent } = silenceClock();
  const simulator = await startSimulator({ clock, scenario });
  simulator.next(id);
  const seen = await observe(simulator.url, { body: ask({ stream }), silent });
  await simulator.close();
  return { seen, attempt: simulator.attempts[0] };
}

test('the corpus has 77 cases, and all but three can be played', () => {
  assert.equal(corpus().length, 77);
  assert.equal(corpusFaults().length, 74);
  for (const id of notPlayable.keys()) assert.ok(corpus().some((recorded) => recorded.id === id));
});

for (const recorded of corpus().filter(({ id }) => !notPlayable.has(id))) {
  test(`${recorded.id} plays as recorded to a client that streams`, async () => {
    const { seen, attempt } = await play(recorded.id, true);
    assert.equal(seen.status, recorded.http.status);
    assert.equal(
      seen.body,
      (recorded.sse?.join('') ?? recorded.body ?? '').replace('"retry_after":120', '"retry_after":0'),
    );
    assert.equal(seen.end, ends[recorded.then ?? 'end']);
    for (const [name, value] of Object.entries(recorded.http.headers)) {
      assert.equal(seen.headers[name], name === 'retry-after' ? '0' : value);
    }
    assert.equal(attempt?.fault, recorded.id);
    assert.equal(attempt?.status, recorded.http.status);
  });
}

for (const recorded of corpus().filter(({ sse }) => sse !== null)) {
  test(`${recorded.id} has its equivalent for a client that does not stream`, async () => {
    const { seen } = await play(recorded.id, false);
    const whole = recorded.sse?.some((event) => event.includes('"type":"message_delta"')) ?? false;
    const error = recorded.sse?.find((event) => event.includes('event: error') || event.includes('stream_read_error'));
    if (recorded.id === 'tool-json-control-char') {
      assert.match(seen.body, /"input":\{"newText":"a\tb"\}/);
    } else if (error !== undefined) {
      assert.equal(seen.headers['content-type'], 'application/json');
      assert.deepEqual(JSON.parse(seen.body), JSON.parse(error.slice(error.lastIndexOf('\ndata: ') + 7)));
    } else if (whole) {
      const message = JSON.parse(seen.body);
      assert.ok(typeof message.stop_reason === 'string' && message.content.length > 0);
    } else {
      assert.throws(() => JSON.parse(seen.body));
    }
    assert.equal(seen.end, ends[recorded.then ?? 'end']);
  });
}
