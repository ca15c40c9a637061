import type { Answer } from '../queue/collect-answer.ts';
import { isJsonObject, type JsonObject, parseJson, textOf } from '../wire/json.ts';

/** The JSON object that an answer's body is; null where it is none. */
export function jsonOf({ body }: Answer): JsonObject | null {
  const value = parseJson(textOf(body));
  return isJsonObject(value) ? value : null;
}
