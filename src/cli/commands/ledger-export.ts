import { systemClock } from '../../core/clock.ts';
import { RidethroughError } from '../../core/errors.ts';
import { readTime } from '../../ledger/read-filter.ts';
import { supportBundle } from '../../ledger/support.ts';
import { supportMarkdown } from '../../ledger/support-markdown.ts';
import { type ExportFormat, exportFormats, writers } from '../../ledger/write-out.ts';
import type { Store } from '../../store/store.ts';
import { dataOptions, jsonOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { filterOf, filterOptions } from '../ledger/filter-options.ts';
import { withLedgerStore } from '../ledger/open-ledger-store.ts';
import { withOutput, writeStories } from '../ledger/write-export.ts';
import { note } from '../output.ts';
import { counted } from '../text.ts';
import { packageVersion } from '../version.ts';

export const command = defineCommand({
  name: 'ledger export',
  options: {
    format: {
      kind: 'text',
      value: 'FORMAT',
      about: 'jsonl (a line a call) or csv (a line an attempt)',
      default: 'jsonl',
    },
    out: { kind: 'text', value: 'FILE', about: 'a new file for it (default standard output)' },
    support: { kind: 'text', value: 'SINCE', about: 'instead: failures since then, as a letter to support' },
    backup: { kind: 'text', value: 'FILE', about: 'instead: a copy of the whole database' },
    ...filterOptions,
    json: { ...jsonOption, about: 'with --support: JSON instead of Markdown' },
    ...dataOptions,
  },
  operands: noOperands,
  details:
    'A backup is taken while the gateway runs; it holds the queue too, whose key is the file queue.key beside\n' +
    'the database. For Postgres use pg_dump.',
  async run({ options }) {
    const { format, out, support, backup } = options;
    if (!isFormat(format)) {
      throw new RidethroughError('invalid_usage', `--format wants ${exportFormats.join(' or ')}, not "${format}".`);
    }
    const filter = filterOf(options);
    const sinceMs = support === undefined ? null : readTime('support', support, systemClock.now());
    return withLedgerStore(options, async (store) => {
      if (backup !== undefined) return copy(store, backup);
      if (sinceMs !== null) return tellSupport(store, sinceMs, out, options.json);
      const calls = await withOutput(out, (to) => writeStories(store, filter, writers[format], to));
      note(`${counted(calls, 'call')} exported.`);
      return 0;
    });
  },
});

function isFormat(format: string): format is ExportFormat {
  return (exportFormats as readonly string[]).includes(format);
}

async function copy(store: Store, path: string): Promise<number> {
  if (store.kind === 'postgres') {
    throw new RidethroughError('invalid_usage', '--backup copies a SQLite file: use pg_dump for a Postgres database.');
  }
  await store.backup(path);
  note(`The database was copied to ${path}.`);
  return 0;
}

async function tellSupport(store: Store, sinceMs: number, out: string | undefined, json: boolean): Promise<number> {
  const versions = { ridethrough: packageVersion(), node: process.versions.node, platform: process.platform };
  const bundle = await supportBundle(store, { sinceMs, untilMs: systemClock.now() }, versions);
  const text = json ? `${JSON.stringify(bundle, null, 2)}\n` : supportMarkdown(bundle);
  await withOutput(out, async (to) => to.write(text));
  return 0;
}
