import { isJsonObject, type JsonObject } from './json.ts';
import { serverTools } from './release-gate.ts';

/**
 * True for a turn of the assistant that ends with a server tool: the API paused it (`pause_turn`), and
 * every model goes on from it. One that ends otherwise is a prefill, which most models refuse.
 */
export function isPausedTurn({ content }: JsonObject): boolean {
  const last: unknown = Array.isArray(content) ? content.at(-1) : null;
  if (!isJsonObject(last)) return false;
  const type = String(last.type);
  return serverTools.has(type) || type.endsWith('_tool_result');
}
