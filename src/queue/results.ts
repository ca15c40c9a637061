import type { Row } from '../store/store.ts';
import { errorEnvelope } from '../wire/envelope.ts';
import { oneLine } from '../wire/json.ts';
import { openResult } from './sealed.ts';
import type { Vault } from './vault.ts';

/** What is said of an item that ended without an answer to hand on. */
const lostAnswer = 'This request was sent, and its answer was lost: it may have been billed. It was given up.';

/**
 * The `result` member of an ended item, as the Batches API writes it: JSON text. A message and an
 * error stand in it byte for byte as the upstream sent them.
 * @param row with id, state and result
 * @throws Error when it does not open
 */
export function resultOf(vault: Vault, row: Row): string {
  const state = String(row.state);
  if (state === 'canceled' || state === 'expired') return `{"type":"${state}"}`;
  const kept = row.result instanceof Uint8Array ? openResult(vault, String(row.id), row.result) : null;
  if (state === 'succeeded') return `{"type":"succeeded","message":${oneLine(kept ?? 'null')}}`;
  const error = kept ?? Buffer.from(errorEnvelope('api_error', lostAnswer, { code: 'answer_lost' })).toString();
  return `{"type":"errored","error":${oneLine(error)}}`;
}
