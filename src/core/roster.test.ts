import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Enrolled, Roster } from './roster.ts';

const member = (name: string): Enrolled & { readonly name: string } => ({ name, place: -1 });
const names = (roster: Roster<ReturnType<typeof member>>) =>
  roster
    .all()
    .map(({ name }) => name)
    .sort();

test('a roster holds those who have come and not left, wherever they stood', () => {
  const roster = new Roster<ReturnType<typeof member>>();
  const [a, b, c, d] = [member('a'), member('b'), member('c'), member('d')];
  for (const each of [a, b, c, d]) roster.add(each);
  roster.delete(a);
  assert.deepEqual(names(roster), ['b', 'c', 'd']);
  roster.delete(d);
  roster.delete(c);
  assert.deepEqual([names(roster), roster.size], [['b'], 1]);
  roster.add(a);
  assert.deepEqual(names(roster), ['a', 'b']);
});

test('who leaves a second time takes nobody along', () => {
  const roster = new Roster<ReturnType<typeof member>>();
  const [a, b] = [member('a'), member('b')];
  roster.add(a);
  roster.add(b);
  roster.delete(a);
  roster.delete(a);
  assert.deepEqual(names(roster), ['b']);
});

test('those who leave while all are told do not keep the others from being told', () => {
  const roster = new Roster<ReturnType<typeof member>>();
  for (const name of ['a', 'b', 'c']) roster.add(member(name));
  const told: string[] = [];
  for (const each of roster.all()) {
    told.push(each.name);
    roster.delete(each);
  }
  assert.deepEqual([told, roster.size], [['a', 'b', 'c'], 0]);
});
