import type { AlertHook } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { postWebhook, WebhookError } from '../notice/post-webhook.ts';
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
  return {
    name,
    async send(notice) {
      const { status, waitMs } = await post(hook, notice.id, bodyOf(notice), clock);
      if (status >= 200 && status < 300) return;
      throw new DeliveryError(`it answered ${status}`, { permanent: isPermanent(status), waitMs });
    },
    close() {},
  };
}

async function post(hook: AlertHook, id: string, body: string, clock: Clock) {
  try {
    return await postWebhook({ ...hook, id, body }, clock);
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    throw new DeliveryError(error.message, { permanent: error.permanent });
  }
}
