import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTarget } from './target.ts';

const missing = '/no-such-folder/ridethrough.yaml';
const env = { ANTHROPIC_API_KEY: 'sk-ant-api03-not-to-be-sent' };

test('where the configuration cannot be used, neither an upstream is made up nor a key taken', () => {
  // With a file that is named the variable is not read, as `serve` does not.
  const given = { ...env, ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' };
  for (const target of [findTarget(null, missing, given), findTarget('main', missing, env)]) {
    assert.deepEqual([target.upstream, target.key], [null, null]);
    assert.match(target.source, /^the configuration cannot be used/);
    assert.ok(target.fault !== null);
  }
});

test('an address of --upstream is looked at although the configuration cannot be used, with the key', () => {
  const { upstream, source, key, fault } = findTarget('http://127.0.0.1:9', missing, env);
  assert.deepEqual(
    [upstream?.href, source, key?.variable],
    ['http://127.0.0.1:9/', 'by --upstream', 'ANTHROPIC_API_KEY'],
  );
  assert.ok(fault !== null);
});
