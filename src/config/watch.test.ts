import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../core/clock.ts';
import type { Config } from './config.ts';
import { loadConfig } from './load.ts';
import { watchConfig } from './watch.ts';

/** The watcher keeps no process alive, and Node 22 ends a test where nothing else does. */
function stayAlive(context: TestContext) {
  const { port1 } = new MessageChannel();
  port1.onmessage = () => {};
  context.after(() => port1.close());
}

function watched(context: TestContext, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-'));
  const path = join(folder, 'ridethrough.yaml');
  writeFileSync(path, text);
  const waiting: ((result: Config | Error) => void)[] = [];
  const settle = (result: Config | Error) => waiting.shift()?.(result);
  const stop = watchConfig({
    path,
    clock: systemClock,
    load: () => loadConfig({ path, upstream: null, env: {} }),
    onConfig: settle,
    onError: settle,
  });
  stayAlive(context);
  context.after(() => {
    stop();
    rmSync(folder, { recursive: true });
  });
  return {
    path,
    next: () => new Promise<Config | Error>((resolve) => waiting.push(resolve)),
  };
}

const retriesOf = (result: Config | Error) => (result instanceof Error ? result : result.limits.retry.max);

test('a changed, and a replaced, file is loaded again', async (context) => {
  const { path, next } = watched(context, 'retry: {max: 1}');
  let result = next();
  writeFileSync(path, 'retry: {max: 2}');
  assert.equal(retriesOf(await result), 2);
  result = next();
  writeFileSync(`${path}.new`, 'retry: {max: 3}');
  renameSync(`${path}.new`, path);
  assert.equal(retriesOf(await result), 3);
});

test('an invalid file is reported, and the next valid one taken', async (context) => {
  const { path, next } = watched(context, 'retry: {max: 1}');
  let result = next();
  writeFileSync(path, 'retry: {max: nine}');
  const error = await result;
  assert.ok(error instanceof Error);
  assert.match(error.message, /"retry\.max" must be a number/);
  result = next();
  writeFileSync(path, 'retry: {max: 9}');
  assert.equal(retriesOf(await result), 9);
});

test('SIGHUP loads again, also when nothing changed', async (context) => {
  const { next } = watched(context, 'retry: {max: 4}');
  const result = next();
  process.kill(process.pid, 'SIGHUP');
  assert.equal(retriesOf(await result), 4);
});

test('a bug met while loading at a signal is reported, and does not end the process', async (context) => {
  stayAlive(context);
  const { promise: reported, resolve } = Promise.withResolvers<Error>();
  const stop = watchConfig({
    path: join(tmpdir(), 'ridethrough-no-such-folder', 'r.yaml'),
    clock: systemClock,
    load: () => {
      throw new TypeError('a bug');
    },
    onConfig: () => {},
    onError: resolve,
  });
  context.after(stop);
  process.kill(process.pid, 'SIGHUP');
  assert.match((await reported).message, /could not be taken over: a bug\.$/);
});

test('after the end no signal handler is left', () => {
  const before = process.listenerCount('SIGHUP');
  const stop = watchConfig({
    path: join(tmpdir(), 'ridethrough-no-such-folder', 'r.yaml'),
    clock: systemClock,
    load: () => assert.fail('nothing to load'),
    onConfig: () => {},
    onError: () => {},
  });
  assert.equal(process.listenerCount('SIGHUP'), before + 1);
  stop();
  assert.equal(process.listenerCount('SIGHUP'), before);
});
