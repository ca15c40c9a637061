import type { Fault } from '../fault.ts';

/** Seen 130–250 ms after dispatch. */
const delayMs = 180;

export const resetBeforeHead: Fault = {
  name: 'reset-before-head',
  summary: 'The connection is reset a moment after the request, before any byte of an answer.',
  phase: 'pre-content',
  async play(exchange) {
    if (await exchange.wait(exchange.scaled(delayMs))) exchange.reset();
  },
};
