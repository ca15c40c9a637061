import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTarget } from './target.ts';

test('where the configuration cannot be used, what is examined is not called what `serve` would use', () => {
  const missing = '/no-such-folder/ridethrough.yaml';
  const target = findTarget(null, missing, {});
  assert.equal(target.source, 'the default, because the configuration cannot be used');
  assert.ok(target.fault !== null);
  assert.equal(findTarget('http://127.0.0.1:9', missing, {}).source, 'by --upstream');
});
