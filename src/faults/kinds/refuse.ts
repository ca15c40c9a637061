import type { Fault } from '../fault.ts';

export const refuse: Fault = {
  name: 'refuse',
  summary: 'The connection is reset as soon as the head of the request has come, as if nobody listened.',
  phase: 'pre-content',
  beforeBody: true,
  play: (exchange) => exchange.reset(),
};
