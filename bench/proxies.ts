import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * `nginx` keeps its connections to the upstream, `plain` is nginx as it comes. `ours` is the gateway by
 * itself, `ledger` the same with a ledger, `recorded` all of `serve`.
 */
export type ProxyName = 'nginx' | 'plain' | 'bare' | 'ours' | 'ledger' | 'recorded';

/** A proxy under test, a process of its own on a core of its own. */
export interface RunningProxy {
  readonly name: ProxyName;
  readonly port: number;
  /** Resident memory in bytes; null where the system does not tell. */
  rssBytes(): number | null;
  /** Processor time used so far, of all its threads, in seconds; null where the system does not tell. */
  cpuSeconds(): number | null;
  /** The same of its main thread alone, which is where calls are served. */
  mainSeconds(): number | null;
  /** Moves all other threads to the core of load and upstream: the one that serves calls has its own for itself. */
  moveHelpers(): void;
  close(): Promise<void>;
}

const has = (program: string) => spawnSync(program, ['-v'], { stdio: 'ignore' }).error === undefined;

/** True where processes can be bound to cores. */
export const canPin: boolean = process.platform === 'linux' && spawnSync('taskset', ['-V']).error === undefined;
export const hasNginx: boolean = has('nginx');

/** The proxies have the first core to themselves; load and upstream, in this process, the second. */
const proxyCore = '0';
const ownCore = '1';

/** Binds this process, all its threads, to the second core. */
export function pinOurselves(): void {
  if (canPin) spawnSync('taskset', ['-acp', ownCore, String(process.pid)]);
}

const running = new Set<ChildProcess>();
// Also when the benchmark ends by an error: no proxy is left behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function startPinned(command: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  const [program = '', ...words] = canPin ? ['taskset', '-c', proxyCore, ...command] : command;
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  child.on('close', () => running.delete(child));
  return child;
}

function asProxy(name: ProxyName, port: number, child: ChildProcess, clean: () => void = () => {}): RunningProxy {
  return {
    name,
    port,
    rssBytes() {
      if (process.platform !== 'linux') return null;
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(?<kib>\d+)/.exec(status)?.groups?.kib) * 1024;
    },
    cpuSeconds() {
      if (process.platform !== 'linux') return null;
      // The scheduler counts in nanoseconds; `stat` shows samples, which go wrong where others use the core.
      const threads = readdirSync(`/proc/${child.pid}/task`);
      return threads.reduce((sum, id) => sum + ranSeconds(child, id), 0);
    },
    moveHelpers() {
      if (!canPin) return;
      const helpers = readdirSync(`/proc/${child.pid}/task`).filter((id) => id !== String(child.pid));
      for (const id of helpers) spawnSync('taskset', ['-cp', ownCore, id]);
    },
    mainSeconds: () => (process.platform === 'linux' ? ranSeconds(child, String(child.pid)) : null),
    async close() {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
      clean();
    },
  };
}

function ranSeconds({ pid }: ChildProcess, thread: string): number {
  return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
}

/** Starts one of the proxies before `upstreamPort`. */
export function startProxy(name: ProxyName, upstreamPort: number): Promise<RunningProxy> {
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  if (name === 'nginx' || name === 'plain') return startNginx(name, upstreamPort);
  if (name === 'bare') return startNode(name, ['passthrough.ts', upstream]);
  if (name === 'ours') return startNode(name, ['gateway.ts', upstream]);
  const data = mkdtempSync(join(tmpdir(), 'ridethrough-bench-'));
  const clean = () => rmSync(data, { recursive: true, force: true });
  if (name === 'ledger') return startNode(name, ['gateway.ts', upstream, data], clean);
  const words = ['../src/cli/main.ts', 'serve', '--port', '0', '--upstream', upstream, '--data', data];
  return startNode(name, words, clean);
}

/** Starts the gateway as it was before it kept a ledger, from another checkout with its packages installed. */
export function startEarlier(folder: string, upstreamPort: number): Promise<RunningProxy> {
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  return startNode('ours', [resolve(folder, 'src/cli/main.ts'), 'serve', '--port', '0', '--upstream', upstream]);
}

/** A program of ours that prints one line with its address. */
async function startNode(
  name: ProxyName,
  [file = '', ...words]: readonly string[],
  clean?: () => void,
): Promise<RunningProxy> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  // Not the user's own configuration: everybody measures the same.
  const env = { PATH: process.env.PATH, XDG_CONFIG_HOME: join(tmpdir(), 'no-configuration') };
  const child = startPinned([process.execPath, path, ...words], env);
  if (child.stdout === null) throw new Error('standard output is a pipe');
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'close')]);
  const port = /http:\/\/127\.0\.0\.1:(?<port>\d+)/.exec(String(line))?.groups?.port;
  if (port === undefined) throw new Error(`${name} did not start: ${line}`);
  return asProxy(name, Number(port), child, clean);
}

async function startNginx(name: 'nginx' | 'plain', upstreamPort: number): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-nginx-'));
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, nginxConfig(folder, port, name === 'nginx' ? kept(upstreamPort) : plain(upstreamPort)));
  const child = startPinned(['nginx', '-p', folder, '-c', file, '-e', join(folder, 'error.log')]);
  // nginx says nothing when it is ready.
  for (let tries = 0; !(await accepts(port)); tries++) {
    if (tries === 100 || child.exitCode !== null) throw new Error('nginx did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return asProxy(name, port, child, () => rmSync(folder, { recursive: true, force: true }));
}

/** How nginx passes requests on; `outside` stands beside its server. */
interface Passing {
  readonly outside: string;
  readonly inside: string;
}

/** nginx at its best: connections to the upstream are kept. */
const kept = (upstreamPort: number): Passing => ({
  outside: `upstream api { server 127.0.0.1:${upstreamPort}; keepalive 2048; keepalive_requests 100000000; }`,
  inside: 'proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_read_timeout 120s;',
});

/** nginx as it comes, which opens a connection for each request. */
const plain = (upstreamPort: number): Passing => ({
  outside: '',
  inside: `proxy_pass http://127.0.0.1:${upstreamPort};`,
});

/** One process, no logs, and callers' connections kept for as long as the load wants. */
function nginxConfig(folder: string, port: number, { outside, inside }: Passing): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off; master_process off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log crit;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 120s; tcp_nodelay on; client_body_buffer_size 64k;
  ${temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  ${outside}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { ${inside} }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}
