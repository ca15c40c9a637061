import { createHmac } from 'node:crypto';
import type { Secret } from '../core/secret.ts';

const prefix = 'whsec_';

/**
 * The headers that prove who sent a webhook, and when.
 * @param secret as the Standard Webhooks write it: `whsec_` and the key in base64; any other text is the key itself
 * @param id equal in every delivery of one event
 * @see github.com/standard-webhooks, "Webhook Headers", "Signature Scheme"
 */
export function signatureHeaders(secret: Secret, id: string, nowMs: number, body: string): Record<string, string> {
  const text = secret.reveal();
  const key = text.startsWith(prefix) ? Buffer.from(text.slice(prefix.length), 'base64') : Buffer.from(text);
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
