import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiStatus, StatusBook } from './book.ts';
import { wordHoldsMs } from './limits.ts';
import type { StatusPage } from './parse.ts';
import type { StatusChange, StatusIncident } from './state.ts';

const url = 'https://status.example.com';
const api = (status: string) => ({ id: 'k8w3r06qmzrp', name: 'Claude API', status });
const incident = (status: string, updatedAtMs: number, id = 'a'): StatusIncident => ({
  ...{ id, kind: 'incident', name: 'Errors', status, impact: 'major', createdAtMs: 0, updatedAtMs },
  ...{ scheduledForMs: null, scheduledUntilMs: null, models: [], components: [], text: '', link: null },
});
const page = (incidents: StatusIncident[], status = 'operational'): StatusPage => ({
  indicator: 'none',
  components: [api(status)],
  incidents,
});
const words = (changes: readonly StatusChange[]) =>
  changes.map((change) =>
    change.kind === 'component' ? change.component.status : `${change.kind} ${change.incident.id}`,
  );

test('an incident is opened once, updated with each new word, and resolved when it has vanished for a while', () => {
  const book = new StatusBook();
  assert.deepEqual(words(book.read(url, page([incident('investigating', 1)]), 10)), ['opened a']);
  assert.deepEqual(words(book.read(url, page([incident('investigating', 1)]), 20)), []);
  assert.deepEqual(words(book.read(url, page([incident('identified', 2)]), 30)), ['updated a']);
  assert.deepEqual(words(book.read(url, page([]), 40)), [], 'one look at a cached page proves nothing');
  assert.equal(book.state.incidents.length, 1);
  assert.deepEqual(words(book.read(url, page([]), 30 + wordHoldsMs)), ['resolved a']);
  assert.deepEqual(words(book.read(url, page([]), 31 + wordHoldsMs)), []);
  assert.equal(book.state.incidents.length, 0);
});

test('one that vanished and stands there again is opened again', () => {
  const book = new StatusBook();
  book.read(url, page([incident('investigating', 1)]), 0);
  assert.deepEqual(words(book.read(url, page([]), wordHoldsMs)), ['resolved a']);
  assert.deepEqual(words(book.read(url, page([incident('investigating', 1)]), wordHoldsMs + 1)), ['opened a']);
});

test('a webhook is ahead of the page: what it told is neither doubled nor undone', () => {
  const book = new StatusBook();
  assert.deepEqual(words(book.hearIncident(incident('investigating', 5), 5)), ['opened a']);
  assert.deepEqual(words(book.hearIncident(incident('investigating', 5), 6)), [], 'delivered twice');
  assert.deepEqual(words(book.read(url, page([]), 7)), [], 'the page does not know of it yet');
  assert.deepEqual(words(book.hearIncident(incident('resolved', 9), 9)), ['resolved a']);
  assert.deepEqual(words(book.read(url, page([incident('investigating', 5)]), 10)), [], 'nor of its end');
  assert.deepEqual(words(book.hearIncident(incident('identified', 7), 11)), [], 'deliveries may overtake each other');
  assert.equal(book.state.incidents.length, 0);
});

test('an incident that is over when it is first heard of was never open', () => {
  assert.deepEqual(new StatusBook().hearIncident(incident('resolved', 5), 5), []);
});

test('a component tells when it changes, from what, and a webhook holds against a cached page', () => {
  const book = new StatusBook();
  assert.equal(apiStatus(book.state), null);
  assert.deepEqual(words(book.read(url, page([], 'operational'), 0)), []);
  assert.deepEqual(book.hearComponent(api('major_outage'), 1), [
    { kind: 'component', component: api('major_outage'), from: 'operational' },
  ]);
  assert.deepEqual(words(book.read(url, page([], 'operational'), 2)), []);
  assert.equal(apiStatus(book.state), 'major outage');
  assert.deepEqual(words(book.read(url, page([], 'operational'), 1 + wordHoldsMs)), ['operational']);
});

test('an outage that stands on the page at the first look is told', () => {
  assert.deepEqual(words(new StatusBook().read(url, page([], 'major_outage'), 0)), ['major_outage']);
});

test('a failed look leaves what was known', () => {
  const book = new StatusBook();
  book.read(url, page([incident('investigating', 1)]), 10);
  book.missed('it answered 405');
  assert.equal(book.state.incidents.length, 1);
  assert.equal(book.state.problem, 'it answered 405');
  assert.equal(book.state.readAtMs, 10);
});

test('incidents are remembered within bounds', () => {
  const book = new StatusBook();
  for (let i = 0; i < 2_000; i++) book.hearIncident(incident('investigating', 1, `i${i}`), i);
  assert.equal(book.state.incidents.length, 500);
});
