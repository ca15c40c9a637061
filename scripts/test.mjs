import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// Runs every test, or those named on the command line, with the flags of `node --test` passed on:
//
//     npm test
//     npm test -- src/wire/sse.test.ts --test-name-pattern 'carriage'
//     npm test -- --random [SEED]      files and tests in random order, which finds those that lean on each other

const every = ['src/**/*.test.ts', 'test/**/*.test.ts'];

/** A test that waits for something that never comes must not hold the suite for ever. */
const testTimeoutMs = 120_000;

/** Splits our own `--random` from what is meant for `node --test`. */
function readArguments(words) {
  const at = words.indexOf('--random');
  if (at === -1) return { rest: words, seed: null };
  const named = /^\d+$/.test(words[at + 1] ?? '');
  const seed = named ? words[at + 1] : String(Math.floor(Math.random() * 2 ** 31));
  return { rest: words.toSpliced(at, named ? 2 : 1), seed };
}

const root = fileURLToPath(new URL('..', import.meta.url));
// Hundreds of processes load the same modules: their code is compiled once.
const env = { NODE_COMPILE_CACHE: `${root}node_modules/.cache/compiled`, ...process.env };

const { rest, seed } = readArguments(process.argv.slice(2));
const random = seed === null ? [] : ['--test-randomize', `--test-random-seed=${seed}`];
const names = rest.some((word) => word.includes('.test.')) ? [] : every;
if (seed !== null) console.log(`Order seed ${seed}: \`npm test -- --random ${seed}\` runs in this order again.`);

const { status, signal } = spawnSync(
  process.execPath,
  [
    '--conditions=ridethrough-source',
    '--test',
    '--test-concurrency=2',
    `--test-timeout=${testTimeoutMs}`,
    '--test-reporter=spec',
    ...random,
    ...rest,
    ...names,
  ],
  { cwd: root, env, stdio: 'inherit' },
);
if (signal !== null) console.error(`The tests were ended by ${signal}.`);
process.exitCode = status ?? 1;
