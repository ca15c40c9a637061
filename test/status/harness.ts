import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { seededRandom } from '../../src/core/random.ts';
import { type Scenario, startSimulator } from '../../src/faults/index.ts';
import { pageReader } from '../../src/status/look.ts';
import type { StatusChange } from '../../src/status/state.ts';
import { StatusWatcher } from '../../src/status/watcher.ts';
import type { VirtualClock } from '../../src/testing/index.ts';

/** A watcher with sockets of its own; all of it ends with the test. */
export function watch(context: TestContext, urls: string[], clock: Clock = systemClock) {
  const reader = pageReader(clock, null);
  const watcher = new StatusWatcher({ urls, intervalMs: 60_000, lookAt: reader.look, clock, random: seededRandom(1) });
  const changes: string[] = [];
  watcher.onChange((change) => changes.push(wordOf(change)));
  context.after(() => {
    watcher.stop();
    return reader.close();
  });
  return { watcher, changes };
}

export function wordOf(change: StatusChange): string {
  if (change.kind === 'component') return `${change.component.name.split(' (')[0]}: ${change.component.status}`;
  return `${change.kind}: ${change.incident.name} [${change.incident.models}]`;
}

export async function simulate(
  context: TestContext,
  scenario: Partial<Scenario>,
  status: string,
  clock: Clock = systemClock,
) {
  const simulator = await startSimulator({ scenario, status, clock });
  context.after(() => simulator.close());
  return simulator;
}

/** A server of one's own; requests that came are kept. */
export async function serve(context: TestContext, answer: RequestListener) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Nine minutes in which one model is down. */
export const outage = { model: 'claude-opus-5-5', fromMs: 60_000, toMs: 600_000, fault: 'overloaded' };

/** Sockets move by themselves, the time of page and watcher only here. */
export async function lookAfter(watcher: StatusWatcher, clock: VirtualClock, afterMs: number) {
  await clock.advance(afterMs);
  await watcher.look();
}
