import type { OwnAnswer, OwnEndpoint } from '../core/endpoint.ts';
import type { Secret } from '../core/secret.ts';
import { webhookBytesMax } from './limits.ts';
import type { StatusWatcher } from './watcher.ts';
import { isSecret } from './webhook.ts';

const root = '/ridethrough/statuspage/';

/**
 * Takes the webhooks of the status page. They are not signed, so the path holds a secret: whoever
 * does not know it finds nothing here. What is no JSON is a 400; JSON that tells nothing is taken
 * and ignored, for a page gives up on receivers that refuse.
 */
export function statuspageEndpoint(watcher: () => StatusWatcher | null, secret: () => Secret | null): OwnEndpoint {
  return {
    method: 'POST',
    path: `${root}*`,
    admin: false,
    bodyBytesMax: webhookBytesMax,
    async answer({ path, body }) {
      const expected = secret();
      const receiver = watcher();
      if (expected === null || receiver === null) return null;
      if (!isSecret(path.slice(root.length), expected.reveal())) return null;
      const delivery = parse(body);
      if (delivery === undefined) return plain(400, 'This is no JSON: send deliveries of a Statuspage webhook.\n');
      return plain(200, receiver.receive(delivery) ? 'taken\n' : 'nothing of it can be read\n');
    },
  };
}

/** undefined where it is no JSON. */
function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}

function plain(status: number, body: string): OwnAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}
