import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

test('a damaged file of a run that was broken off is wrong use, and not an unexpected error', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-run-state-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const extension of ['.state', '.part']) {
    const out = join(folder, `of${extension}.jsonl`);
    writeFileSync(out + extension, '{}\nnot JSON\n');
    assert.throws(() => new RunState(out, Buffer.from('{}')), {
      code: 'invalid_usage',
      message: `Line 2 of ${out}${extension} is damaged: delete ${out}.state and ${out}.part to begin anew.`,
    });
  }
});
