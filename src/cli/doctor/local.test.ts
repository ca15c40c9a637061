import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNode } from './local.ts';

test('Node is judged by its major and minor version', () => {
  for (const good of ['v22.19.0', 'v22.20.1', 'v24.0.0', 'v26.10.0']) assert.equal(checkNode(good).state, 'ok', good);
  for (const old of ['v20.20.2', 'v22.18.9', 'v18.0.0']) assert.equal(checkNode(old).state, 'problem', old);
});
