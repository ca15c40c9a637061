import { nearest } from '../config/nearest.ts';
import { RidethroughError } from '../core/errors.ts';
import type { Command } from './command.ts';
import { reportError } from './errors.ts';
import { note, outliveReaders, print } from './output.ts';
import { packageVersion } from './version.ts';

interface Row {
  /** What the command does, in one line. */
  readonly summary: string;
  /** Commands are loaded when they are asked for: `--help` should not wait for an HTTP stack. */
  readonly load: () => Promise<{ command: Command }>;
}

const commands: Readonly<Record<string, Row>> = {
  serve: { summary: 'Run the gateway.', load: () => import('./commands/serve.ts') },
  run: { summary: 'Run a command with a gateway of its own.', load: () => import('./commands/run.ts') },
  send: { summary: 'Send one message and print the answer.', load: () => import('./commands/send.ts') },
  status: { summary: 'Show how a running gateway stands.', load: () => import('./commands/status.ts') },
  diagnose: { summary: 'Say whose fault it is.', load: () => import('./commands/diagnose.ts') },
  explain: { summary: 'Tell what became of one call.', load: () => import('./commands/explain.ts') },
  'alerts test': { summary: 'Try those who are to be alerted.', load: () => import('./commands/alerts-test.ts') },
  'queue list': { summary: 'List queued requests.', load: () => import('./commands/queue-list.ts') },
  'queue show': { summary: 'Tell why a request waits.', load: () => import('./commands/queue-show.ts') },
  'queue cancel': { summary: 'Give up queued requests.', load: () => import('./commands/queue-cancel.ts') },
  'queue retry': { summary: 'Send again what was given up.', load: () => import('./commands/queue-retry.ts') },
  'queue purge': { summary: 'Delete ended batches.', load: () => import('./commands/queue-purge.ts') },
  'batch run': { summary: 'Answer a file of requests.', load: () => import('./commands/batch-run.ts') },
  'ledger list': { summary: 'List the calls that were served.', load: () => import('./commands/ledger-list.ts') },
  'ledger show': { summary: 'Show one call and its attempts.', load: () => import('./commands/ledger-show.ts') },
  'ledger export': { summary: 'Write the ledger to a file.', load: () => import('./commands/ledger-export.ts') },
  'ledger cost': { summary: 'Show what failures cost.', load: () => import('./commands/ledger-cost.ts') },
  doctor: { summary: 'Check what stands between here and the API.', load: () => import('./commands/doctor.ts') },
  simulate: { summary: 'Serve a Claude API that fails on demand.', load: () => import('./commands/simulate.ts') },
  demo: { summary: 'Drive the official SDK through a storm of faults.', load: () => import('./commands/demo.ts') },
  'config init': { summary: 'Write a commented configuration file.', load: () => import('./commands/config-init.ts') },
  'config check': { summary: 'Check a configuration file.', load: () => import('./commands/config-check.ts') },
  'config schema': { summary: 'Print the JSON Schema of the file.', load: () => import('./commands/config-schema.ts') },
};

function overview(): string {
  const rows = Object.entries(commands);
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    'Keeps software that depends on Claude running when the Claude API fails.',
    '',
    'Usage: ridethrough COMMAND [options]',
    '',
    ...rows.map(([name, row]) => `  ${name.padEnd(width)}  ${row.summary}`),
    '',
    '`ridethrough COMMAND --help` tells more.',
    'Exit status: 0 done, 1 it failed, 2 wrong use.',
  ].join('\n');
}

/** The commands whose first word this is: `config` stands for three. */
function familyOf(first: string): string[] {
  return Object.keys(commands).filter((name) => name.startsWith(`${first} `));
}

function familyHelp(names: readonly string[]): string {
  const rows = names.map((name) => `  ${name.padEnd(16)}  ${commands[name]?.summary ?? ''}`);
  return ['Usage: ridethrough COMMAND [options]', '', ...rows, '', '`ridethrough COMMAND --help` tells more.'].join(
    '\n',
  );
}

function unknownCommand(words: readonly string[]): RidethroughError {
  const names = Object.keys(commands);
  const [first = ''] = words;
  const family = familyOf(first);
  if (family.length > 0) return new RidethroughError('invalid_usage', `Say which: ${family.join(', ')}.`);
  const guess = nearest(words.slice(0, 2).join(' '), names) ?? nearest(first, names);
  const hint = guess === null ? 'See `ridethrough --help`.' : `Did you mean \`ridethrough ${guess}\`?`;
  return new RidethroughError('invalid_usage', `There is no command "${first}". ${hint}`);
}

/** Finds the command whose name the first one or two words are; the rest are its own. */
function find(words: readonly string[]): { row: Row; rest: string[] } {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    const row = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (row !== undefined) return { row, rest: words.slice(length) };
  }
  throw unknownCommand(words);
}

/** True when help is asked for among a command's own words, as opposed to those of a command it is to run. */
function wantsHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  const own = end === -1 ? words : words.slice(0, end);
  return own.includes('--help') || own.includes('-h');
}

async function main(words: string[]): Promise<number> {
  const [first] = words;
  if (first === '--version' || first === '-V') {
    print(packageVersion());
    return 0;
  }
  if (first === undefined) {
    note(overview());
    return 2;
  }
  if (first === '--help' || first === '-h' || (first === 'help' && words.length === 1)) {
    print(overview());
    return 0;
  }
  const helpOnly = first === 'help';
  const asked = helpOnly ? words.slice(1) : words;
  const family = familyOf(asked[0] ?? '');
  // `config` alone is no command, but who asks for its help should learn which there are.
  if (family.length > 0 && (asked.length === 1 ? helpOnly : wantsHelp(asked.slice(1, 2)))) {
    print(familyHelp(family));
    return 0;
  }
  const { row, rest } = find(asked);
  const { command } = await row.load();
  if (helpOnly || wantsHelp(rest)) {
    print(`${row.summary}\n\n${command.help}`);
    return 0;
  }
  return await command.run(rest);
}

outliveReaders();
process.on('uncaughtException', (error) => process.exit(reportError(error)));
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportError(error);
}
