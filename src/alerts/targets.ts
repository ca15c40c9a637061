import type { AlertsConfig } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { bellTarget, type Terminal } from './bell.ts';
import type { AlertTarget } from './courier.ts';

export interface TargetOptions {
  readonly clock: Clock;
  /** Where the bell rings. */
  readonly terminal: Terminal;
}

/** Everybody that a configuration wants to be told. What speaks to mail servers is loaded only where mail is sent. */
export async function createTargets(config: AlertsConfig, { terminal }: TargetOptions): Promise<AlertTarget[]> {
  const targets: AlertTarget[] = [];
  if (config.email !== null) {
    const { emailTarget } = await import('./email.ts');
    targets.push(emailTarget(config.email));
  }
  if (config.bell) targets.push(bellTarget(terminal));
  return targets;
}
