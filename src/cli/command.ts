import type { Args, Operands, Options } from './args.ts';
import { readArgs } from './args.ts';
import { wrap } from './text.ts';

/** A command, ready to be dispatched to. */
export interface Command {
  /** Usage line, flags and details, as `--help` prints them below the summary; without a final line end. */
  readonly help: string;
  /**
   * Runs it with the words after its name.
   * @returns the exit status: 0, or 1 when what it was asked to do failed
   * @throws RidethroughError for wrong use
   */
  run(words: string[]): Promise<number>;
}

/** The declaration of a command. */
export interface CommandSpec<O extends Options> {
  /** One or two words, as in the command table. */
  readonly name: string;
  /** What help says below the flags: sentences for people; empty where the flags say all. */
  readonly details: string;
  readonly options: O;
  readonly operands: Operands;
  run(args: Args<O>): Promise<number>;
}

/** Help is broken to fit a terminal of this many columns, the narrowest that is common. */
const helpWidth = 80;

/** For commands that take flags only. */
export const noOperands: Operands = { usage: '', min: 0, max: 0 };

function flagLines(options: Options): string[] {
  const rows = Object.entries(options).map(([name, option]) => {
    if (option.kind === 'switch') return [`--${name}`, option.about] as const;
    const fallback = option.default === undefined ? '' : ` (default ${option.default})`;
    return [`--${name} ${option.value}`, `${option.about}${fallback}`] as const;
  });
  const all = [...rows, ['--help', 'print this'] as const];
  const width = Math.max(...all.map(([flag]) => flag.length));
  return all.flatMap(([flag, about]) => {
    const lines = wrap(about, helpWidth - width - 4);
    return lines.map((line, index) => `  ${(index === 0 ? flag : '').padEnd(width)}  ${line}`);
  });
}

/** Sentences as paragraphs; lines that are indented stay as they are. */
function detailLines(details: string): string[] {
  if (details === '') return [];
  const paragraphs = details.replaceAll(/(?<=\S)\n(?=\S)/g, ' ').split('\n');
  return ['', ...paragraphs.flatMap((line) => (line.startsWith(' ') ? line : wrap(line, helpWidth)))];
}

/** Makes a command of its declaration: its help is generated, its words are read before it runs. */
export function defineCommand<const O extends Options>(spec: CommandSpec<O>): Command {
  const usage = ['Usage: ridethrough', spec.name, '[options]', spec.operands.usage].filter((word) => word !== '');
  return {
    help: [usage.join(' '), '', ...flagLines(spec.options), ...detailLines(spec.details)].join('\n'),
    run: (words) => spec.run(readArgs(spec.name, spec.options, spec.operands, words)),
  };
}
