import type { Fault } from '../fault.ts';

export const refuse: Fault = {
  name: 'refuse',
  summary: 'The connection is reset at once, as if nobody listened.',
  phase: 'pre-content',
  beforeBody: true,
  play: (exchange) => exchange.reset(),
};
