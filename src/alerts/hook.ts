import type { AlertHook } from '../config/config.ts';
import type { Notice } from './alert.ts';
import { type AlertTarget, DeliveryError } from './courier.ts';

/** Sends a body to an address by POST, and resolves to what was answered. */
export type PostHook = (hook: AlertHook, id: string, body: string) => Promise<HookAnswer>;

export interface HookAnswer {
  readonly status: number;
  /** From `retry-after`, in milliseconds; 0 where there was none. */
  readonly waitMs: number;
}

/** Answers that come back however often it is tried: 408, 425 and 429 pass. */
const isPermanent = (status: number) => status >= 300 && status < 500 && ![408, 425, 429].includes(status);

/** A target that takes notices by POST. */
export function hookTarget(
  name: string,
  hook: AlertHook,
  bodyOf: (notice: Notice) => string,
  post: PostHook,
): AlertTarget {
  return {
    name,
    async send(notice) {
      const { status, waitMs } = await post(hook, notice.id, bodyOf(notice));
      if (status >= 200 && status < 300) return;
      throw new DeliveryError(`it answered ${status}`, { permanent: isPermanent(status), waitMs });
    },
    close() {},
  };
}
