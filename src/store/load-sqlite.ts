/**
 * `node:sqlite`, loaded where a database is opened and nowhere else: whoever only imports the
 * library pays nothing for it. Node 22 calls it experimental on standard error, which is no news
 * to the person who runs us; every other warning passes.
 */
export function loadSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = (...words: unknown[]) => {
    if (words[1] !== 'ExperimentalWarning') Reflect.apply(emitWarning, process, words);
  };
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}
