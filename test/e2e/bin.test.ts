import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);

test('the installed command says in a checkout that was not built what to do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-bin-'));
  mkdirSync(join(folder, 'bin'));
  cpSync(new URL('bin/ridethrough.mjs', root), join(folder, 'bin', 'ridethrough.mjs'));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(folder, 'bin', 'ridethrough.mjs'), '--version'],
    {
      ...{ encoding: 'utf8', timeout: 30_000 },
    },
  );
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.equal(
    stderr,
    'ridethrough: this checkout has not been built: run `npm run build`, or write `npm run -s cli --` for `npx ridethrough`.\n',
  );
});
