import { styleText } from 'node:util';
import type { Environment } from '../config/config.ts';
import { codeOf } from '../core/errors.ts';
import type { Colour } from './text.ts';

/** Writes one line (or several) of what was asked for to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes one line about what is going on to standard error, which no script reads as data. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Colours `text` where standard output is a terminal and NO_COLOR is not set; else returns it as it is. */
export function paint(colour: Colour, text: string): string {
  return process.stdout.isTTY ? styleText(colour, text, { stream: process.stdout }) : text;
}

/**
 * Whether what stands on `stream` can be drawn over: on a terminal that knows escape sequences, which `TERM=dumb` denies.
 * Editors and build logs are such terminals; there a line is printed instead.
 */
export function canRedraw(stream: { readonly isTTY?: boolean }, env: Environment = process.env): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/**
 * A reader that has seen enough (`| head`) closes its end: that is no failure of ours. Nor is it one that nobody reads
 * what goes on: a gateway whose log has ended goes on serving.
 */
export function outliveReaders(): void {
  process.stdout.on('error', (error) => {
    const code = codeOf(error);
    if (code === 'EPIPE') process.exit(0);
    note(`ridethrough: the output cannot be written (${code}): make room where it goes, or send it elsewhere.`);
    process.exit(1);
  });
  process.stderr.on('error', () => {});
}
