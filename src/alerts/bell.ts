import type { AlertTarget } from './courier.ts';
import { headline } from './words.ts';

/** A terminal, as much of it as the bell needs. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Rings the terminal's bell and prints the headline; where the output is none, it prints only. */
export function bellTarget(terminal: Terminal): AlertTarget {
  return {
    name: 'bell',
    async send(notice) {
      terminal.write(`${terminal.isTTY === true ? '\u0007' : ''}ridethrough: ${headline(notice)}\n`);
    },
    close() {},
  };
}
