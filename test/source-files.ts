import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout, with a slash at the end. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** One import or re-export. */
export interface Import {
  /** As written: `./clock.ts`, `node:fs`, `undici`. */
  readonly specifier: string;
  /** Path from the root of the checkout; null for what is not a file of ours. */
  readonly path: string | null;
  /** True when nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** From the root of the checkout, with forward slashes: `src/core/clock.ts`. */
  readonly path: string;
  /** `core` for `src/core/…`; '' for what stands in `src/` itself or outside of it. */
  readonly folder: string;
  readonly isTest: boolean;
  readonly lines: number;
  /** Without comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

const importPattern =
  /^\s*(import|export)\s(?<clause>[^;'"`]*?)\sfrom\s+'(?<from>[^']+)'|^\s*import\s+'(?<bare>[^']+)'|\bimport\(\s*'(?<dynamic>[^']+)'\s*\)/gm;

/** `type X`, `type { X }`, or braces in which every name is marked as a type. */
function isTypeClause(clause: string): boolean {
  if (/^type\s/.test(clause)) return true;
  const names = /^\{(?<names>[^}]*)\}$/.exec(clause.trim())?.groups?.names;
  const listed = (names ?? '').split(',').map((name) => name.trim());
  return names !== undefined && listed.every((name) => name === '' || name.startsWith('type '));
}

/** Comments gone, as far as a line begins with them: what looks like one inside a string stays. */
function withoutComments(text: string): string {
  return text.replaceAll(/^[ \t]*\/\*[\s\S]*?\*\//gm, '').replaceAll(/^[ \t]*\/\/.*$/gm, '');
}

/** The imports of a file, by its path and text: static, re-exported and dynamic ones. */
export function importsOf(path: string, text: string): Import[] {
  return [...withoutComments(text).matchAll(importPattern)].map(({ groups = {} }) => {
    const specifier = groups.from ?? groups.bare ?? groups.dynamic ?? '';
    const isOurs = specifier.startsWith('.');
    return {
      specifier,
      path: isOurs ? posix.join(posix.dirname(path), specifier) : null,
      typeOnly: groups.clause !== undefined && isTypeClause(groups.clause),
    };
  });
}

/** Reads the files that match a glob, with their imports. */
export function sourceFiles(glob: string): SourceFile[] {
  const paths = globSync(glob, { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  return paths.sort().map((path) => {
    const text = readFileSync(`${root}${path}`, 'utf8');
    return {
      path,
      folder: /^src\/(?<folder>[^/]+)\//.exec(path)?.groups?.folder ?? '',
      isTest: path.endsWith('.test.ts'),
      lines: text.split('\n').length - 1,
      code: withoutComments(text),
      imports: importsOf(path, text),
    };
  });
}
