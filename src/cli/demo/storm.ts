import type { Scenario } from '../../faults/index.ts';
import { models } from './calls.ts';

/** Calls a second, in each lane. */
export const callsPerSecond = 40;
/** A call that takes this long, and the time of the whole run besides, is given up: the SDK's ten minutes are no demo. */
export const patienceMs = 30_000;
/** Where within the run the first model is down: a fifth of it. */
const outage = { from: 0.3, to: 0.5 };

/**
 * The weather of the demo: that of a scenario, which says how many attempts meet a fault, and which;
 * and one model is down for a fifth of the time.
 */
export function demoStorm(scenario: Scenario, seed: number, durationMs: number): Scenario {
  const down = { model: models[0], fromMs: outage.from * durationMs, toMs: outage.to * durationMs };
  return {
    ...scenario,
    seed,
    outages: [...scenario.outages, { ...down, fault: '529-one-model-only' }],
    latency: { firstByteMs: 40, eventMs: 1, spread: 0.5 },
    // Silence ends in a reset as in life, but after seconds; without one, what asked for no stream would hang.
    waits: { stallMs: 6_000 },
  };
}

/**
 * The configuration of the demo's gateway: the defaults, but for its waits. Backoff and breaker have
 * a twentieth of theirs; the clocks keep seconds, so that a busy machine is not taken for a dead API.
 */
export const demoConfig = {
  timeouts: { connect: 3, first_byte: 3, idle: 3, progress: 5 },
  retry: { base: 0.05, cap: 1.5 },
  breaker: { open: 0.25, open_max: 1.5 },
  fallback: { [models[0]]: [models[1]], [models[1]]: [models[0]] },
};
