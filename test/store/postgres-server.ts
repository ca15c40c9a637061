import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { Client } from 'pg';
import { findPostgres, serverUser } from './postgres-binaries.ts';

/** A Postgres server of our own, on this machine's loopback, with empty databases on demand. */
export interface PostgresServer {
  readonly major: number;
  /** Makes an empty database. Resolves to its URL. */
  createDatabase(): Promise<string>;
  /** `kill -9` of the server. Resolves when it serves again, recovered from what stood on the disk. */
  crash(): Promise<void>;
  /** Stops it for good, and removes its files. */
  stop(): Promise<void>;
}

/**
 * Keeps the server running until whoever started this closes its standard input, which the system
 * does where a test is killed: so nothing stays behind. A server that was killed is started again,
 * at a walk where it cannot yet.
 */
const keeper = `
  (while [ ! -e "$1/stop" ]; do "$2/postgres" -D "$1/data" -p "$3" -c listen_addresses=127.0.0.1 \\
    -c unix_socket_directories= -c fsync=on -c max_connections=200 -c shared_buffers=32MB $4; sleep 0.05; done) &
  read -r line
  touch "$1/stop"
  kill -INT "$(head -n 1 "$1/data/postmaster.pid")"
  wait
  rm -rf "$1"
`;

/**
 * Starts a server in a folder of its own, with the durability of a real one.
 * @param options further words for `postgres`, such as `-c log_statement=all`
 * @returns null where this machine has no Postgres
 */
export async function startPostgres(options = ''): Promise<PostgresServer | null> {
  const programs = findPostgres();
  if (programs === null) return null;
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-postgres-'));
  if (user !== null) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const words = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'];
  execFileSync(join(programs, 'initdb'), words, { ...user, cwd: folder, stdio: 'ignore' });
  const port = await freePort();
  const child = spawn('/bin/sh', ['-c', keeper, 'keeper', folder, programs, String(port), options], {
    ...user,
    cwd: folder,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  if (child.stderr === null) throw new Error('standard error is a pipe');
  const log = createInterface({ input: child.stderr });
  await ready(log);
  return serverOf(child, log, port, data);
}

function serverOf(child: ChildProcess, log: Interface, port: number, data: string): PostgresServer {
  const urlOf = (name: string) => `postgres://postgres@127.0.0.1:${port}/${name}`;
  const major = Number(readFileSync(join(data, 'PG_VERSION'), 'utf8'));
  let databases = 0;
  return {
    major,
    async createDatabase() {
      const client = new Client(urlOf('postgres'));
      await client.connect();
      const name = `test_${++databases}`;
      await client.query(`CREATE DATABASE ${name}`);
      await client.end();
      return urlOf(name);
    },
    async crash() {
      const again = ready(log);
      process.kill(Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
      await again;
    },
    async stop() {
      const ended = once(child, 'close');
      child.stdin?.end();
      await ended;
    },
  };
}

/** Resolves when the server says that it is ready, the next time it does. Rejects with what it said instead. */
function ready(log: Interface): Promise<void> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const forget = () => log.off('line', onLine).off('close', onClose);
    const onLine = (line: string) => {
      said.push(line);
      if (!line.includes('ready to accept connections')) return;
      forget();
      resolve();
    };
    const onClose = () => reject(new Error(`Postgres did not start:\n${said.join('\n')}`));
    log.on('line', onLine).once('close', onClose);
  });
}

/**
 * Below the ports that the system gives to outgoing connections: one of those could take ours while
 * the server restarts; a client that knocks at a closed port of that range can even reach itself.
 */
const ports = { first: 20_000, count: 12_000 } as const;

async function freePort(): Promise<number> {
  for (let offset = process.pid * 13; ; offset++) {
    const port = ports.first + (offset % ports.count);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.close();
    if (free) return port;
  }
}
