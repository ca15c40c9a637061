import type { Fault } from '../fault.ts';
import { stall } from '../play.ts';

export const hangBeforeHead: Fault = {
  name: 'hang-before-head',
  summary: 'The request is taken, and no answer ever begins.',
  phase: 'pre-content',
  play: stall,
};
