import { Connection } from './connection.ts';
import { answerBody, plainRequest } from './messages.ts';
import type { Throughput } from './statistics.ts';

const connections = 64;

/** Hands each whole answer to `onAnswer`, after comparing it with what the upstream has sent. */
function expectAnswers(connection: Connection, onAnswer: () => void): void {
  let received = 0;
  connection.handler = {
    body(bytes) {
      const expected = answerBody.subarray(received, received + bytes.length);
      if (!expected.equals(bytes)) throw new Error(`The answer was changed: ${bytes}`);
      received += bytes.length;
    },
    end() {
      if (received !== answerBody.length || connection.status !== 200) {
        throw new Error(`The answer was not whole: status ${connection.status}, ${received} bytes`);
      }
      received = 0;
      onAnswer();
    },
  };
}

/**
 * Saturation: 64 connections, each sends its next request when its answer is whole.
 * @returns answers
 */
export async function measureSaturation(port: number, durationMs: number): Promise<Throughput> {
  const all = await Connection.openAll(port, connections);
  let answers = 0;
  const startedMs = performance.now();
  await new Promise<void>((resolve) => {
    const done = () => performance.now() - startedMs >= durationMs;
    let running = all.length;
    for (const connection of all) {
      expectAnswers(connection, () => {
        answers++;
        if (!done()) connection.send(plainRequest);
        else if (--running === 0) resolve();
      });
      connection.send(plainRequest);
    }
  });
  const elapsedMs = performance.now() - startedMs;
  for (const connection of all) connection.close();
  return { count: answers, perSecond: (answers / elapsedMs) * 1000 };
}

/**
 * Latency of an open loop: requests go out at their appointed instants, whether or not earlier ones
 * are answered, and latency counts from that instant, so that a stall is seen by all it delays.
 * @returns milliseconds of each request
 */
export async function measureLatency(port: number, ratePerSecond: number, durationMs: number): Promise<number[]> {
  const idle = await Connection.openAll(port, connections);
  const all = [...idle];
  const waiting: number[] = [];
  const latenciesMs: number[] = [];
  const total = Math.round((ratePerSecond * durationMs) / 1000);
  const appointedMs = new Map<Connection, number>();
  const send = (connection: Connection, atMs: number) => {
    appointedMs.set(connection, atMs);
    connection.send(plainRequest);
  };
  await new Promise<void>((resolve) => {
    for (const connection of all) {
      expectAnswers(connection, () => {
        latenciesMs.push(performance.now() - (appointedMs.get(connection) ?? 0));
        if (latenciesMs.length === total) return resolve();
        const next = waiting.shift();
        if (next === undefined) idle.push(connection);
        else send(connection, next);
      });
    }
    const startMs = performance.now();
    let sent = 0;
    // A timer is late by up to a millisecond, which is more than what is measured: so this loop spins.
    const spin = () => {
      for (; sent < total; sent++) {
        const atMs = startMs + (sent * 1000) / ratePerSecond;
        if (atMs > performance.now()) break;
        const connection = idle.pop();
        if (connection === undefined) waiting.push(atMs);
        else send(connection, atMs);
      }
      if (latenciesMs.length < total) setImmediate(spin);
    };
    spin();
  });
  for (const connection of all) connection.close();
  return latenciesMs;
}
