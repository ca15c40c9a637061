import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { storeStage, withoutPostgres } from './with-stores.ts';

const program = fileURLToPath(new URL('start-child.ts', import.meta.url));

for (const variant of ['sqlite', 'postgres'] as const) {
  const skip = variant === 'postgres' && withoutPostgres;
  test(`four processes that start at once on a new database all serve, with one schema [${variant}]`, {
    skip,
  }, async (t) => {
    const stage = await storeStage(variant, t);
    const words = [program, join(stage.data, 'new'), ...(stage.database === null ? [] : [stage.database])];
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'pipe'] }),
    );
    const ends = children.map(async (child) => {
      let complaints = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        complaints += text;
      });
      const [status] = await once(child, 'close');
      return { status, complaints };
    });
    await Promise.all(children.map((child) => Promise.race([once(child.stdout, 'data'), once(child, 'exit')])));
    for (const child of children) child.stdin.end();
    for (const { status, complaints } of await Promise.all(ends)) assert.equal(status, 0, complaints);
  });
}
