import type { BatchPart } from '../../batches/creation-body.ts';
import { jsonOf } from '../../batches/json-answer.ts';
import { readResultLine } from '../../batches/result-lines.ts';
import { RidethroughError } from '../../core/errors.ts';
import { callMsMax } from '../../core/limits.ts';
import { errorEnvelope } from '../../wire/envelope.ts';
import { oneLine, textOf } from '../../wire/json.ts';
import type { BatchApi } from './api.ts';

/** A result, ready to be kept. */
export interface LineResult {
  readonly customId: string;
  readonly type: string;
  /** JSON text of the `result` member. */
  readonly json: string;
}

/** One line, asked as a live call: it rides out what fails for as long as a call may take. */
export async function askLive(api: BatchApi, { customId, params }: BatchPart): Promise<LineResult> {
  const asked = await api.ask('POST', '/v1/messages', params, callMsMax / 1000);
  if (asked?.status === 401)
    throw new RidethroughError('invalid_usage', 'The key was refused: check ANTHROPIC_API_KEY.');
  const body = asked === null ? null : jsonOf(asked);
  if (asked !== null && asked.status < 300 && body !== null) {
    return { customId, type: 'succeeded', json: `{"type":"succeeded","message":${oneLine(textOf(asked.body))}}` };
  }
  const error = asked !== null && body !== null ? asked.body : errorEnvelope('api_error', 'The answer broke off.');
  return { customId, type: 'errored', json: `{"type":"errored","error":${oneLine(textOf(error))}}` };
}

/** Errors that say nothing about the request: it is worth asking again, live. */
const passing: ReadonlySet<string> = new Set(['api_error', 'overloaded_error', 'timeout_error', 'rate_limit_error']);

/** A line of a batch's results, and whether it ended without having been tried for good. null: it is no result. */
export function readResult(line: string): (LineResult & { again: boolean }) | null {
  const read = readResultLine(line);
  if (read === null) return null;
  const { customId, type, result: json, errorType } = read;
  return { customId, type, json, again: type === 'expired' || (type === 'errored' && passing.has(errorType ?? '')) };
}
