import type { AlertsConfig } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { bellTarget, type Terminal } from './bell.ts';
import type { AlertTarget } from './courier.ts';
import { hookTarget } from './hook.ts';
import { slackMessage } from './slack.ts';
import { webhookBody } from './webhook.ts';

export interface TargetOptions {
  readonly clock: Clock;
  /** Where the bell rings. */
  readonly terminal: Terminal;
}

/** Everybody that a configuration wants to be told. What speaks to mail servers is loaded only where mail is sent. */
export async function createTargets(config: AlertsConfig, { clock, terminal }: TargetOptions): Promise<AlertTarget[]> {
  const { webhook, slack, email, bell } = config;
  const targets: AlertTarget[] = [];
  if (webhook !== null) targets.push(hookTarget('webhook', webhook, webhookBody, clock));
  if (slack !== null) targets.push(hookTarget('slack', slack, (notice) => JSON.stringify(slackMessage(notice)), clock));
  if (email !== null) {
    const { emailTarget } = await import('./email.ts');
    targets.push(emailTarget(email, clock));
  }
  if (bell) targets.push(bellTarget(terminal));
  return targets;
}
