import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

// What a power cut may take is what stands in the system's memory only. A trace of the system's calls
// shows whether anything was acknowledged before it had been synced. (What holds for Postgres is in
// postgres.test.ts: the server is asked whether it syncs.)

const program = fileURLToPath(new URL('durability-child.ts', import.meta.url));
const writes = 20;

function tracer(): string | false {
  const { status } = spawnSync('strace', ['-f', '-e', 'trace=none', 'true'], { stdio: 'ignore' });
  return status === 0 ? false : 'no strace on this machine, or it may not trace: apt install strace';
}

/** `write` of the log, `sync` of it, and `ack` on standard output, in their order. */
function eventsOf(trace: string): string[] {
  const events: string[] = [];
  // A call that another thread interrupts ends on a line of its own; a sync counts when it has ended.
  const syncing = new Set<string>();
  for (const line of trace.split('\n')) {
    const thread = line.split(' ', 1)[0] ?? '';
    const sync = /f(?:data)?sync\(\d+<[^>]*-wal>(?<end>.*)/.exec(line)?.groups?.end;
    if (sync?.includes('unfinished')) syncing.add(thread);
    else if (sync?.endsWith('= 0')) events.push('sync');
    else if (/f(?:data)?sync resumed>.*= 0/.test(line) && syncing.delete(thread)) events.push('sync');
    else if (/pwrite64\(\d+<[^>]*-wal>/.test(line)) events.push('write');
    else if (/write\(1<[^>]*>, "ack /.test(line)) events.push('ack');
  }
  return events;
}

test('SQLite: between the last write to the log and each acknowledgement lies a sync', { skip: tracer() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-trace-'));
  try {
    const trace = join(folder, 'trace');
    const calls = 'trace=pwrite64,write,fsync,fdatasync';
    const words = [
      '-f',
      '-y',
      '-e',
      calls,
      '-o',
      trace,
      process.execPath,
      program,
      join(folder, 'a.db'),
      String(writes),
    ];
    const { status, stderr } = spawnSync('strace', words, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const events = eventsOf(readFileSync(trace, 'utf8'));
    const acks = events.flatMap((event, index) => (event === 'ack' ? [index] : []));
    assert.equal(acks.length, writes);
    let previous = -1;
    for (const at of acks) {
      const since = events.slice(previous + 1, at);
      assert.ok(since.includes('write'), `nothing was written before acknowledgement ${acks.indexOf(at) + 1}`);
      assert.equal(since.at(-1), 'sync', `unsynced at acknowledgement ${acks.indexOf(at) + 1}: ${since.join(' ')}`);
      previous = at;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
