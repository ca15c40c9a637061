import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureClasses } from '../../core/outcome.ts';
import { catalogue, entryOf } from './index.ts';

test('every class has exactly one entry of its own', () => {
  for (const each of failureClasses) {
    const own = catalogue.filter((entry) => entry.class === each && !entry.codes && !entry.statuses);
    assert.equal(own.length, 1, each);
  }
});

test('ids are unique, and every entry tells its cause, what is tried, what to do, and where more stands', () => {
  assert.equal(new Set(catalogue.map(({ id }) => id)).size, catalogue.length);
  for (const entry of catalogue) {
    for (const text of [entry.title, entry.cause, entry.tried, entry.advice, entry.link]) assert.notEqual(text, '');
    for (const text of [entry.cause, entry.tried, entry.advice]) assert.match(text, /\.$/, entry.id);
  }
});

test('a code says more than a status, and a status more than a class', () => {
  assert.equal(entryOf({ class: 'network', code: 'ENOTFOUND', status: null }).id, 'name-not-found');
  assert.equal(entryOf({ class: 'network', code: 'E_SOMETHING_NEW', status: null }).id, 'connection-broke');
  assert.equal(entryOf({ class: 'server', code: 'cmek_key_unreachable', status: 503 }).id, 'encryption-key');
  assert.equal(entryOf({ class: 'server', code: null, status: 520 }).id, 'edge-error');
  assert.equal(entryOf({ class: 'server', code: null, status: 500 }).id, 'api-error');
});
