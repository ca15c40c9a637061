import { took } from '../core/duration.ts';
import type { Explanation } from './explanation.ts';

/** A prompt to paste into an assistant, with the facts filled in. Holds no prompt, answer or key of the call itself. */
export function promptOf({ id, summary, steps, end, advice }: Explanation, body: string | null = null): string {
  const lines = steps.flatMap(({ n, afterMs, did, came, entry, requestId }) => [
    `${n}. +${took(afterMs)}: ${did} ${came}${requestId === null ? '' : ` request-id: ${requestId}.`}`,
    ...(entry === null ? [] : [`   Known as "${entry.id}": ${entry.cause}`]),
  ]);
  return [
    'I call the Claude API through Ridethrough, a gateway that retries, falls back and continues broken streams.',
    'Explain to me in plain words what happened to one of my calls, whose fault it is, and what I should do or',
    'check, in order of likelihood. Say what cannot be told from these facts.',
    '',
    `Call ${id}: ${summary}`,
    '',
    ...lines,
    '',
    `End: ${end}`,
    `The gateway's own advice: ${advice}`,
    ...(body === null ? [] : ['', 'The body of the request:', '```json', body, '```']),
  ].join('\n');
}
