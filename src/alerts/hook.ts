import type { AlertHook } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { postWebhook, type Webhook, WebhookError } from '../notice/post-webhook.ts';
import type { Notice } from './alert.ts';
import { type AlertTarget, DeliveryError } from './courier.ts';

/** Answers that come back however often it is tried; 408, 425 and 429 pass. */
const isPermanent = (status: number) => status >= 300 && status < 500 && ![408, 425, 429].includes(status);

/** A target that takes notices by POST, in whatever form `bodyOf` gives them. */
export function hookTarget(
  name: string,
  hook: AlertHook,
  bodyOf: (notice: Notice) => string,
  clock: Clock,
): AlertTarget {
  const closed = new AbortController();
  return {
    name,
    async send(notice) {
      const webhook = { ...hook, id: notice.id, body: bodyOf(notice) };
      const { status, waitMs } = await post(webhook, clock, closed.signal);
      if (status >= 200 && status < 300) return;
      throw new DeliveryError(`it answered ${status}`, { permanent: isPermanent(status), waitMs });
    },
    close: () => closed.abort(),
  };
}

async function post(webhook: Webhook, clock: Clock, closed: AbortSignal) {
  try {
    return await postWebhook(webhook, clock, closed);
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    throw new DeliveryError(error.message, { permanent: error.permanent });
  }
}
