import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A gateway in a process of its own, as `serve` runs it. */
export interface GatewayProcess {
  /** Where it listens: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Drains and ends it; resolves when the process is gone. */
  stop(): Promise<void>;
}

/**
 * Starts `ridethrough serve` with these flags and waits for its address line.
 * Its errors go to our standard error.
 * @throws Error when it ends before it has said where it listens
 */
export async function startGatewayProcess(flags: readonly string[]): Promise<GatewayProcess> {
  // Whatever script was started as `ridethrough`, source or package, is started again in the same way.
  const self = [...process.execArgv, process.argv[1] ?? ''];
  const child = spawn(process.execPath, [...self, 'serve', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  // Whatever ends us, a reader of our output that has seen enough among it, ends the gateway.
  const kill = () => void child.kill();
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const line = createInterface({ input: child.stdout });
  const first = await Promise.race([once(line, 'line'), ended.then(() => null)]);
  const url = first === null ? undefined : /http:\/\/\S+/.exec(String(first[0]))?.[0];
  if (url === undefined) {
    child.kill();
    throw new Error('the gateway ended before it was listening; what it said stands above');
  }
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
