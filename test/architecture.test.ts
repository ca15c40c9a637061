import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { importsOf, root, type SourceFile, sourceFiles } from './source-files.ts';

const linesMax = 300;
const source = sourceFiles('src/**/*.ts');
const shipped = source.filter((file) => !file.isTest && file.folder !== 'testing');
const crossing = sourceFiles('test/**/*.ts');
const table = readTable(readFileSync(`${root}ARCHITECTURE.md`, 'utf8'));

/** What a folder may import: from another folder everything, or its types only. */
type Permissions = ReadonlyMap<string, 'all' | 'types'>;

/** Reads the table of ARCHITECTURE.md itself, so that the document cannot lie. */
function readTable(markdown: string): Map<string, Permissions> {
  const rows = new Map<string, Permissions>();
  for (const line of markdown.split('\n')) {
    const cells = /^\|\s*`src\/(?<folder>\w+)\/`\s*\|.*\|\s*(?<allowed>[^|]+?)\s*\|$/.exec(line)?.groups;
    if (cells?.folder === undefined || cells.allowed === undefined) continue;
    rows.set(cells.folder, permissions(cells.allowed, rows));
  }
  return rows;
}

function permissions(allowed: string, above: ReadonlyMap<string, Permissions>): Permissions {
  const all = new Map<string, 'all' | 'types'>();
  for (const item of allowed.split(',').map((part) => part.trim())) {
    const inherited = /^(?<folder>\w+) and all it may import$/.exec(item)?.groups?.folder;
    const types = /^(?<folder>\w+) types$/.exec(item)?.groups?.folder;
    if (item === 'nothing') continue;
    else if (item === 'everything') for (const folder of ['', ...foldersOfSource()]) all.set(folder, 'all');
    else if (item === 'all above') for (const folder of above.keys()) all.set(folder, 'all');
    else if (types !== undefined) all.set(types, 'types');
    else if (inherited !== undefined) {
      for (const [folder, kind] of above.get(inherited) ?? []) all.set(folder, kind);
      all.set(inherited, 'all');
    } else all.set(item, 'all');
  }
  return all;
}

function foldersOfSource(): Set<string> {
  return new Set(source.map((file) => file.folder).filter((folder) => folder !== ''));
}

function folderOf(path: string): string {
  return /^src\/(?<folder>[^/]+)\//.exec(path)?.groups?.folder ?? '';
}

/** Asserts that a list of complaints is empty, and prints it where it is not. */
function assertNone(complaints: readonly string[]): void {
  assert.equal(complaints.length, 0, `\n${complaints.join('\n')}`);
}

test('the table of ARCHITECTURE.md names every folder of src/, and no other', () => {
  assert.deepEqual([...table.keys()].sort(), [...foldersOfSource()].sort());
  const known = new Set(['', ...table.keys()]);
  for (const row of table.values())
    for (const folder of row.keys()) assert.ok(known.has(folder), `no folder ${folder}`);
});

test('a folder imports what the table permits; its tests may also use testing, faults and fixtures', () => {
  const complaints: string[] = [];
  for (const file of source.filter((each) => each.folder !== '')) {
    for (const { path, typeOnly } of file.imports) {
      if (path === null) continue;
      const target = folderOf(path);
      if (target === file.folder) continue;
      if (file.isTest && (target === 'testing' || target === 'faults' || path.startsWith('test/fixtures/'))) continue;
      const permission = table.get(file.folder)?.get(target);
      if (permission === 'all' || (permission === 'types' && (typeOnly || file.isTest))) continue;
      complaints.push(`${file.path} imports ${path}, but ${file.folder} may not import from ${target || 'there'}`);
    }
  }
  assertNone(complaints);
});

test('src/index.ts only exports, and neither commands nor the simulator', () => {
  for (const file of source.filter((each) => each.folder === '')) {
    assert.equal(file.path, 'src/index.ts', 'a file in src/ itself has no place in the house');
    for (const { path } of file.imports) {
      assert.ok(!['cli', 'faults', 'testing'].includes(folderOf(path ?? '')), `src/index.ts must not import ${path}`);
    }
  }
});

test('nothing shipped imports src/testing or a test', () => {
  const isForTests = (path: string | null) =>
    path !== null && (folderOf(path) === 'testing' || path.endsWith('.test.ts'));
  assertNone(shipped.filter((file) => file.imports.some(({ path }) => isForTests(path))).map((file) => file.path));
});

test('core, wire and policies know no Node modules', () => {
  const pure = shipped.filter((file) => ['core', 'wire', 'policies'].includes(file.folder));
  const impure = pure.flatMap((file) => file.imports.map(({ specifier }) => ({ path: file.path, specifier })));
  assertNone(
    impure.filter(({ specifier }) => specifier.startsWith('node:')).map((each) => `${each.path}: ${each.specifier}`),
  );
});

const ambient =
  /(?<![.\w])(?:setTimeout|setInterval|setImmediate|Date\.now|performance\.now|Math\.random)\b|\bglobalThis\.set|\bAbortSignal\.timeout|\bnew Date\(\)|\bhrtime\b|\b(?:randomUUID|randomBytes|randomInt|getRandomValues)\b|'node:timers/g;

/** Tests that drive child processes write programs for them, in which timers are as good as any. */
const asleep = /(?<![.\w])setTimeout\b|\bAbortSignal\.timeout|\bMath\.random|'node:timers/g;

/** Which ambient reads a file may make. */
function ambientAllowedIn(path: string): (token: string) => boolean {
  if (path === 'src/core/clock.ts' || path === 'src/core/random.ts') return () => true;
  // A turn of the loop is no sleep: it takes as long as there is something to do.
  const turning = ['src/core/stage.ts', 'src/testing/virtual-clock.ts'];
  const mayTurn = turning.includes(path) || path.endsWith('.test.ts') || path.startsWith('test/');
  if (mayTurn) return (token) => token === 'setImmediate';
  return () => false;
}

test('time, timers and chance are passed in', () => {
  const complaints: string[] = [];
  for (const file of [...source, ...crossing]) {
    if (file.path === 'test/architecture.test.ts') continue;
    const tokens = file.code.match(file.path.startsWith('test/e2e/') ? asleep : ambient) ?? [];
    const allowed = ambientAllowedIn(file.path);
    complaints.push(...tokens.filter((token) => !allowed(token)).map((token) => `${file.path}: ${token}`));
  }
  assertNone(complaints);
});

test(`no file is longer than ${linesMax} lines`, () => {
  const long = [...source, ...crossing, ...sourceFiles('bench/**/*.ts')].filter((file) => file.lines > linesMax);
  assertNone(long.map((file) => `${file.path}: ${file.lines} lines`));
});

/** A chain of files that ends where it began; null where there is none. Types are gone at run time and do not count. */
function findCycle(files: readonly SourceFile[]): string[] | null {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const finished = new Set<string>();
  const visit = (path: string, chain: readonly string[]): string[] | null => {
    if (chain.includes(path)) return [...chain.slice(chain.indexOf(path)), path];
    if (finished.has(path)) return null;
    for (const next of byPath.get(path)?.imports ?? []) {
      const cycle = next.path === null || next.typeOnly ? null : visit(next.path, [...chain, path]);
      if (cycle !== null) return cycle;
    }
    finished.add(path);
    return null;
  };
  for (const { path } of files) {
    const cycle = visit(path, []);
    if (cycle !== null) return cycle;
  }
  return null;
}

test('no file imports itself by a detour, types apart', () => {
  assert.equal(findCycle(source)?.join(' → ') ?? null, null);
});

test('the eyes of these tests are good: imports of every form are seen', () => {
  const text = [
    "import type { A } from './a.ts';",
    'import {',
    '  b,',
    "} from '../wire/b.ts';",
    "import { type C } from './c.ts';",
    "export * from './d.ts';",
    "export type { E } from './e.ts';",
    "import './f.ts';",
    "// import './comment.ts';",
    "const load = () => import('./g.ts');",
    "import fs from 'node:fs';",
  ].join('\n');
  assert.deepEqual(
    importsOf('src/core/x.ts', text).map(({ path, specifier, typeOnly }) => [path ?? specifier, typeOnly]),
    [
      ['src/core/a.ts', true],
      ['src/wire/b.ts', false],
      ['src/core/c.ts', true],
      ['src/core/d.ts', false],
      ['src/core/e.ts', true],
      ['src/core/f.ts', false],
      ['src/core/g.ts', false],
      ['node:fs', false],
    ],
  );
  const file = (path: string, to: string): SourceFile => ({
    ...{ path, folder: 'core', isTest: false, lines: 1, code: '' },
    imports: [{ specifier: to, path: to, typeOnly: false }],
  });
  assert.deepEqual(findCycle([file('a', 'b'), file('b', 'c'), file('c', 'b')]), ['b', 'c', 'b']);
  assert.equal(findCycle([file('a', 'b'), file('b', 'c')]), null);
  assert.deepEqual('x.setTimeout(1); setTimeout(f, 1); Date.now()'.match(ambient), ['setTimeout', 'Date.now']);
});
