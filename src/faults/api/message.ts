/** JSON as `JSON.parse` gives it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
/** An object of unknown members: reading one that is absent gives undefined. */
export interface JsonObject {
  [name: string]: Json | undefined;
}

/** Names of blocks that have no deltas; `future_…` stands for all that no client knows yet. */
export type WholeBlockType = 'redacted_thinking' | 'container_upload' | `${string}_tool_result` | `future_${string}`;

/** A content block of an answer, in the API's own form. */
export type ContentBlock =
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'text'; text: string; citations?: JsonObject[] | null }
  | { type: 'tool_use' | 'server_tool_use'; id: string; name: string; input: JsonObject }
  | (JsonObject & { type: WholeBlockType });

/** Why an answer ended. */
export type StopReason = 'end_turn' | 'max_tokens' | 'stop_sequence' | 'tool_use' | 'refusal';

/** Tokens of an answer. */
export interface Usage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
  output_tokens: number;
  service_tier: 'standard';
  inference_geo: 'not_available';
}

/** A whole answer, as POST /v1/messages gives it when it does not stream. */
export interface Message {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: ContentBlock[];
  stop_reason: StopReason;
  /** The one that was met, where that is why it ended. */
  stop_sequence: string | null;
  /** What a refusal says of itself. */
  stop_details: JsonObject | null;
  usage: Usage;
}

/** A Messages request after `JSON.parse`: nothing is promised about any member but that it is an object. */
export type MessagesRequest = JsonObject;

/** True for a JSON object, false for arrays, null and all else. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of a JSON array that are objects; empty for anything but an array. */
export function objectsIn(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** A message's content as blocks: plain text counts as one text block. */
export function blocksOf(message: JsonObject): JsonObject[] {
  return typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : objectsIn(message.content);
}

/** A value as text, whatever it is: a string as it stands, all else as JSON. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
