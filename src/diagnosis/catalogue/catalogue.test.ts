import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailureClass } from '../../core/outcome.ts';
import { catalogue, entryById, entryOf } from './index.ts';

/** Every class there is; the compiler holds this list to the type. */
const classes: Readonly<Record<FailureClass, true>> = {
  ...{ overload: true, server: true, timeout: true, 'rate-limit': true, 'spend-limit': true, auth: true },
  ...{ permission: true, model: true, conflict: true, request: true, network: true, tls: true, protocol: true },
  ...{ truncated: true, stalled: true },
};

test('every class has exactly one entry of its own', () => {
  for (const each of Object.keys(classes)) {
    const own = catalogue.filter((entry) => entry.class === each && !entry.codes && !entry.statuses);
    assert.equal(own.length, 1, each);
  }
});

test('ids are unique, and every entry tells its cause, what is tried, what to do, and where more stands', () => {
  assert.equal(new Set(catalogue.map(({ id }) => id)).size, catalogue.length);
  for (const entry of catalogue) {
    assert.equal(entryById(entry.id), entry);
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
