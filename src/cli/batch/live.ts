import { jsonOf } from '../../batches/json-answer.ts';
import { RidethroughError } from '../../core/errors.ts';
import { callMsMax } from '../../core/limits.ts';
import { errorEnvelope } from '../../wire/envelope.ts';
import { isJsonObject, parseJson, textOf } from '../../wire/json.ts';
import { scanMembers } from '../../wire/json-scan.ts';
import type { BatchApi } from './api.ts';
import type { BatchLine } from './read-lines.ts';

/** A result, ready to be kept. */
export interface LineResult {
  readonly customId: string;
  readonly type: string;
  /** JSON text of the `result` member. */
  readonly json: string;
}

/** One line, asked as a live call: it rides out what fails for as long as a call may take. */
export async function askLive(api: BatchApi, { customId, params }: BatchLine): Promise<LineResult> {
  const asked = await api.ask('POST', '/v1/messages', params, callMsMax / 1000);
  if (asked?.status === 401)
    throw new RidethroughError('invalid_usage', 'The key was refused: check ANTHROPIC_API_KEY.');
  const body = asked === null ? null : jsonOf(asked);
  if (asked !== null && asked.status < 300 && body !== null) {
    return { customId, type: 'succeeded', json: `{"type":"succeeded","message":${oneLine(asked.body)}}` };
  }
  const error = asked !== null && body !== null ? asked.body : errorEnvelope('api_error', 'The answer broke off.');
  return { customId, type: 'errored', json: `{"type":"errored","error":${oneLine(error)}}` };
}

/** Between JSON tokens a line break is white space, and inside a string it cannot stand raw. */
function oneLine(json: Uint8Array): string {
  return textOf(json)
    .replaceAll(/[\r\n]+/g, ' ')
    .trim();
}

/** Errors that say nothing about the request: it is worth asking again, live. */
const passing: ReadonlySet<string> = new Set(['api_error', 'overloaded_error', 'timeout_error', 'rate_limit_error']);

const resultMember: ReadonlySet<string> = new Set(['result']);

/** A line of a batch's results. `again`: it ended without having been tried for good. null: it is no result. */
export function readResult(line: string): (LineResult & { again: boolean }) | null {
  const value = parseJson(line);
  if (!isJsonObject(value) || typeof value.custom_id !== 'string' || !isJsonObject(value.result)) return null;
  const { result, custom_id: customId } = value;
  const envelope = isJsonObject(result.error) ? result.error : {};
  const error = isJsonObject(envelope.error) ? envelope.error : {};
  const again = result.type === 'expired' || (result.type === 'errored' && passing.has(String(error.type)));
  const bytes = Buffer.from(line);
  const span = scanMembers(bytes, resultMember)?.get('result');
  // As the API wrote it: a number that is parsed and written again may be another.
  return { customId, type: String(result.type), json: bytes.toString('utf8', span?.start, span?.end), again };
}
