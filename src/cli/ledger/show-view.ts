import { took } from '../../core/duration.ts';
import type { AttemptRecord, CallRecord, CallStory } from '../../ledger/record.ts';
import { paint } from '../output.ts';
import { clean, counted, wrap } from '../text.ts';

/** Fits 80 columns. */
const width = 79;

/** Said of an id that is no call's. */
export function unknownCall(id: string): string {
  return `the ledger has no call with the id ${id}; \`ridethrough ledger list\` shows which it has.`;
}

/** A call and its attempts, for people. */
export function showLines({ call, attempts }: CallStory): string[] {
  const began = attempts[0];
  const head = call === null ? headWithoutCall(began) : callLines(call);
  return [
    ...head,
    ...attempts.flatMap((attempt) => ['', ...attemptLines(attempt, call?.at ?? began?.at ?? attempt.at)]),
  ];
}

function headWithoutCall(attempt: AttemptRecord | undefined): string[] {
  return [`Call ${attempt?.call_id ?? ''}, still under way, or its own row is missing`];
}

function callLines(call: CallRecord): string[] {
  const { result, recovered, attempts, status, error_class, error_type, error_code } = call;
  const how = recovered.length === 0 ? '' : `, by ${recovered.join(' and ')}`;
  const words = {
    whole: `whole${how}`,
    failed: 'failed',
    aborted: 'aborted: the caller left',
    lost: 'lost: its gateway ended while it was sent',
  }[result];
  const colour = result === 'failed' ? 'red' : result === 'whole' ? 'green' : 'dim';
  const error =
    result === 'failed' ? `, ${[error_class, error_type, error_code].filter((part) => part !== null).join(', ')}` : '';
  const about = [
    [call.model ?? call.endpoint, call.stream ? 'streamed' : 'in one piece', `priority ${call.priority}`].join(', '),
    `client ${call.client ?? 'unknown'}${call.client_retries ? `, its retry ${call.client_retries}` : ''}; caller ${call.caller || 'unknown'}`,
    `status ${status ?? 'none'}${error} after ${counted(attempts, 'attempt')} in ${took(call.total_ms)}`,
    `request-id ${call.request_id ?? 'none'}, route ${call.route}${call.queued ? '; put into the queue' : ''}`,
  ];
  return [
    `Call ${call.id}  ${timeOf(call.at)}  ${paint(colour, words)}`,
    ...about.flatMap((line) => wrap(line, width - 2).map((part) => `  ${part}`)),
  ];
}

function attemptLines(attempt: AttemptRecord, beganAt: string): string[] {
  const { n, reason, upstream, model, result, status, request_id, body_request_id } = attempt;
  const afterMs = Date.parse(attempt.at) - Date.parse(beganAt);
  const end = result === 'failed' ? (attempt.class ?? result) : result;
  const colour = result === 'failed' ? 'red' : result === 'whole' ? 'green' : 'dim';
  const place = clean(`${upstream}${model === null ? '' : `/${model}`}`);
  const first = attempt.first_byte_ms === null ? 'no byte came' : `first byte after ${took(attempt.first_byte_ms)}`;
  const details = [
    [`status ${status ?? 'none'}`, attempt.type, attempt.code, waitOf(attempt)]
      .filter((part) => part !== null)
      .join(', '),
    `${first}, ended after ${took(attempt.total_ms)}; ${attempt.bytes_sent ?? '?'} bytes sent, ${attempt.bytes_received} received`,
    tokensOf(attempt),
    `request-id ${request_id ?? 'none'}${body_request_id === null ? '' : `; its body says ${body_request_id}`}`,
  ];
  return [
    `  ${n}. +${took(afterMs)}  ${reason}  ${place}  ${paint(colour, end)}`,
    ...details.flatMap((line) => (line === null ? [] : wrap(line, width - 5).map((part) => `     ${part}`))),
  ];
}

function waitOf({ wait_ms }: AttemptRecord): string | null {
  return wait_ms === null ? null : `the server asked to wait ${took(wait_ms)}`;
}

function tokensOf(attempt: AttemptRecord): string | null {
  const { input_tokens, cache_write_tokens, cache_read_tokens, output_tokens, estimated } = attempt;
  if (input_tokens === null && output_tokens === null) return null;
  const cached = (cache_write_tokens ?? 0) + (cache_read_tokens ?? 0);
  const output = `${output_tokens ?? '?'} out${estimated ? ' (estimated: the answer was cut)' : ''}`;
  return `tokens: ${input_tokens ?? '?'} in, ${cached === 0 ? '' : `${cached} through the cache, `}${output}`;
}

function timeOf(iso: string): string {
  return `${iso.slice(0, 23).replace('T', ' ')} UTC`;
}
