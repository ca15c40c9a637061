import { isJsonObject, parseJson } from '../wire/json.ts';
import { scanMembers } from '../wire/json-scan.ts';

/** A line of a batch's results. */
export interface ResultLine {
  readonly customId: string;
  /** `succeeded`, `errored`, `canceled`, `expired`. */
  readonly type: string;
  /** The `result` member as the API wrote it, byte for byte. */
  readonly result: string;
  /** The message of a success, as the API wrote it; else null. */
  readonly message: string | null;
  /** `error.type` of what errored; else null. */
  readonly errorType: string | null;
}

const resultMember: ReadonlySet<string> = new Set(['result']);
const messageMember: ReadonlySet<string> = new Set(['message']);

/** @returns null for a line that is no result */
export function readResultLine(line: string): ResultLine | null {
  const value = parseJson(line);
  if (!isJsonObject(value) || typeof value.custom_id !== 'string' || !isJsonObject(value.result)) return null;
  const envelope = isJsonObject(value.result.error) ? value.result.error : {};
  const error = isJsonObject(envelope.error) ? envelope.error : {};
  // Numbers that are parsed and written again may be others: what is kept are the bytes.
  const result = memberOf(line, resultMember) ?? '';
  const type = String(value.result.type);
  return {
    customId: value.custom_id,
    type,
    result,
    message: type === 'succeeded' ? memberOf(result, messageMember) : null,
    errorType: typeof error.type === 'string' ? error.type : null,
  };
}

function memberOf(json: string, wanted: ReadonlySet<string>): string | null {
  const bytes = Buffer.from(json);
  const [span] = scanMembers(bytes, wanted)?.values() ?? [];
  return span === undefined ? null : bytes.toString('utf8', span.start, span.end);
}
