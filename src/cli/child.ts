import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { note } from './output.ts';
import { statusOf } from './signals.ts';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Hands on the signals that we get, so that whoever ends us ends the child. */
function forwardSignals(child: ChildProcess): () => void {
  const handlers = forwarded.map((signal) => {
    const handler = () => {
      // Ctrl-C reaches the whole foreground group: the child has had it already, and twice may mean "now!".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const stop of handlers) stop();
  };
}

/**
 * Runs a command with our own standard input and outputs until it ends.
 * @returns its exit status; 128 + n where signal n ended it; 127 where there is no such command, 126
 *   where it cannot be started, as a shell does, with a sentence on standard error
 */
export function runChild(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [name = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(name, args, { stdio: 'inherit', env });
    const stopForwarding = forwardSignals(child);
    child.once('error', (error: NodeJS.ErrnoException) => {
      stopForwarding();
      const missing = error.code === 'ENOENT';
      const advice = missing ? 'is it installed and on PATH?' : `(${error.code})`;
      note(`ridethrough: cannot run "${name}": ${missing ? 'there is no such command; ' : ''}${advice}`);
      resolve(missing ? 127 : 126);
    });
    child.once('exit', (status, signal) => {
      stopForwarding();
      resolve(signal === null ? (status ?? 1) : statusOf(signal));
    });
  });
}
