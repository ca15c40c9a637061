import { RidethroughError } from '../core/errors.ts';
import { note } from './output.ts';

/**
 * Tells of an error in one sentence, with the stack only for those who set RIDETHROUGH_DEBUG=1.
 * @returns the exit status: 2 where the use, the configuration or the machine's set-up was wrong, else 1
 */
export function reportError(error: unknown): number {
  if (process.env.RIDETHROUGH_DEBUG === '1') console.error(error);
  if (error instanceof RidethroughError) {
    note(`ridethrough: ${error.message}`);
    return 2;
  }
  // Messages of JSON errors quote what they could not read: a prompt, an answer.
  const what = error instanceof SyntaxError ? error.name : error instanceof Error ? error.message : String(error);
  note(`ridethrough: unexpected: ${what} (RIDETHROUGH_DEBUG=1 shows where; please report it)`);
  return 1;
}
