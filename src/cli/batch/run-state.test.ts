import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RunState } from './run-state.ts';

test('an output in a folder that is not there is wrong use, and not an unexpected error', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-run-state-'));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.throws(() => new RunState(join(folder, 'missing', 'answers.jsonl'), Buffer.from('{}')), {
    code: 'invalid_usage',
    message: /answers\.jsonl\.state cannot be made \(ENOENT\): check its folder and permissions/,
  });
});
