import type { TestContext } from 'node:test';
import { startSimulator } from '../../src/faults/index.ts';
import { type RidethroughOptions, ridethrough } from '../../src/index.ts';

/** Soon again after a failure: what is tested is the door, not the backoff. */
export const soon = { retry: { base: 0.001, cap: 0.001 } };

export function ride(context: TestContext, options: RidethroughOptions = soon) {
  const doors = ridethrough(options);
  context.after(() => doors.close());
  return doors;
}

export async function simulate(context: TestContext) {
  const simulator = await startSimulator();
  context.after(() => simulator.close());
  return simulator;
}
