import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { RidethroughError } from '../core/errors.ts';

/** A flag that is there or not: `--json`. */
export interface Switch {
  readonly kind: 'switch';
  readonly about: string;
}

/** A flag with a value: `--model NAME`. `value` is what help calls it. */
export interface Text {
  readonly kind: 'text';
  readonly value: string;
  readonly about: string;
  readonly default?: string;
}

/** A flag with a whole number within [min, max]: `--port PORT`. */
export interface Whole {
  readonly kind: 'whole';
  readonly value: string;
  readonly about: string;
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

/** The flags of a command by their long names, without the dashes. */
export type Options = Readonly<Record<string, Switch | Text | Whole>>;

/** What a flag comes to: a switch is a boolean; the others are absent only if they have no default. */
type Value<O> = O extends Switch
  ? boolean
  : O extends { readonly default: infer D }
    ? D extends string
      ? string
      : number
    : O extends Text
      ? string | undefined
      : number | undefined;

/** The words of a command, read. */
export interface Args<O extends Options> {
  readonly options: { readonly [K in keyof O]: Value<O[K]> };
  /** Everything that is no flag, in order; what follows `--` is not looked at. */
  readonly operands: readonly string[];
}

/** How many operands a command takes, and what its usage line calls them. */
export interface Operands {
  readonly usage: string;
  readonly min: number;
  readonly max: number;
}

/** The flag for a port, the same in every command that listens. */
export const portOption = (port: number) =>
  ({
    kind: 'whole',
    value: 'PORT',
    about: 'port to listen on; 0 takes a free one',
    min: 0,
    max: 65535,
    default: port,
  }) as const satisfies Whole;

/** `--config`, the same in every command that goes by the configuration. */
export const configOption = {
  kind: 'text',
  value: 'FILE',
  about: 'configuration file (default that of your user folder, if any)',
} as const satisfies Text;

/** `--data` and `--database`, the same in every command that uses what is kept. */
export const dataOptions = {
  data: { kind: 'text', value: 'DIR', about: 'folder of what is kept (default that of your user)' },
  database: { kind: 'text', value: 'URL', about: 'postgres://… to keep it in (default a file in that folder)' },
} as const satisfies Options;

/** `--json`, the same in every command that prints data. */
export const jsonOption = { kind: 'switch', about: 'print the result as JSON' } as const satisfies Switch;

function misuse(message: string, command: string): RidethroughError {
  return new RidethroughError('invalid_usage', `${message} See \`ridethrough ${command} --help\`.`);
}

function readWhole(name: string, option: Whole, given: string, command: string): number {
  const number = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  if (number >= option.min && number <= option.max) return number;
  throw misuse(`--${name} wants a whole number from ${option.min} to ${option.max}, not "${given}".`, command);
}

/** A flag as it was given. */
interface GivenFlag {
  readonly name: string;
  /** With its dashes. */
  readonly rawName: string;
  readonly value: string | undefined;
  /** True: the value stands behind a `=`. */
  readonly inlineValue: boolean | undefined;
}

function readFlag(given: GivenFlag, option: Options[string], command: string): string | number | boolean {
  const { name, rawName, value, inlineValue } = given;
  if (option.kind === 'switch') {
    if (value !== undefined) throw misuse(`${rawName} takes no value.`, command);
    return true;
  }
  // `--port --json` is a forgotten value; `--system=--x` says that it is meant. An empty one is a variable that is not set.
  if (value === undefined || (value === '' && option.kind === 'text') || (value.startsWith('--') && !inlineValue)) {
    throw misuse(`${rawName} wants a value (${option.value}).`, command);
  }
  return option.kind === 'whole' ? readWhole(name, option, value, command) : value;
}

function unknownFlag(rawName: string, options: Options, command: string): RidethroughError {
  const guess = nearest(rawName.replace(/^-+/, ''), Object.keys(options));
  const hint = guess === null ? '' : ` Did you mean --${guess}?`;
  return misuse(`\`ridethrough ${command}\` has no flag ${rawName}.${hint}`, command);
}

/**
 * Reads the words after a command's name.
 * @throws RidethroughError `invalid_usage` for a flag that is unknown, lacks its value or has one too
 *   many, for a number out of range, and for too few or too many operands.
 */
export function readArgs<O extends Options>(command: string, options: O, operands: Operands, words: string[]): Args<O> {
  const types = Object.entries(options).map(
    ([name, option]) => [name, { type: option.kind === 'switch' ? 'boolean' : 'string' }] as const,
  );
  // Not strict: the library's own sentences name neither the nearest flag nor the command.
  const { tokens } = parseArgs({
    args: words,
    options: Object.fromEntries(types),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const found: Record<string, string | number | boolean | undefined> = {};
  for (const [name, option] of Object.entries(options)) {
    found[name] = option.kind === 'switch' ? false : option.default;
  }
  const rest: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') rest.push(token.value);
    if (token.kind !== 'option') continue;
    if (operands.usage.startsWith('-- ') && rest.length > 0) {
      throw misuse(`Put -- before the command, so that ${token.rawName} is the command's own.`, command);
    }
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) throw unknownFlag(token.rawName, options, command);
    found[token.name] = readFlag(token, option, command);
  }
  // The ellipsis of `ID…` and the full stop would be a dot too many.
  const wanted = operands.usage.replace(/…$/, '');
  if (rest.length < operands.min) throw misuse(`\`ridethrough ${command}\` wants ${wanted}.`, command);
  if (rest.length > operands.max) {
    throw misuse(`\`ridethrough ${command}\` does not know what to do with "${rest[operands.max]}".`, command);
  }
  // The loop above filled `found` by the kinds that `Value` is computed from.
  return { options: found as Args<O>['options'], operands: rest };
}
