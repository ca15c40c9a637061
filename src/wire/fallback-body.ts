import { isJsonObject, textOf } from './json.ts';
import { type Edit, removeMember, replaceMembers } from './json-edit.ts';
import { eachString, type Members, type Span, scanElements, scanMembers, valueAt } from './json-scan.ts';
import { forcesTool, type ModelFacts, modelFacts, type ThinkingForm } from './models.ts';
import { isPausedTurn } from './paused-turn.ts';
import { bytesPerToken } from './token-estimate.ts';

/** A request body for another model, or why that model cannot be asked. */
export type Adaptation =
  /** `adapted` names the changes beside `model`, for `ridethrough-adapted`: `max_tokens=64000`, `thinking=removed`. */
  { readonly body: Uint8Array; readonly adapted: readonly string[] } | { readonly refused: string };

/** Members that bind a request to a model's own pool, or to state on the server's side. */
const bound = ['speed', 'thread', 'container', 'fallbacks'] as const;
const wanted: ReadonlySet<string> = new Set(['model', 'max_tokens', 'thinking', 'tool_choice', 'messages', ...bound]);

const thinkingMembers: ReadonlySet<string> = new Set(['type', 'budget_tokens']);

/** Strings of base64 from this size on are images and documents, whose bytes are no text. */
const mediaBytesMin = 1024;

/**
 * What it takes to ask another model with the same request (R11). Only the spans that must differ
 * are edited; everything else stays byte for byte, since signatures of thinking hang on it.
 * @param bytes a whole Messages request
 * @param model the target's id, by which its facts are known
 * @param sentAs what the target's upstream calls that model
 * @param longContext the request asks for a million tokens of context
 */
export function adaptForModel(bytes: Uint8Array, model: string, sentAs = model, longContext = false): Adaptation {
  const known = modelFacts(model);
  const facts = longContext && known.longContext === 'beta' ? { ...known, contextTokensMax: 1_000_000 } : known;
  const members = scanMembers(bytes, wanted);
  const modelSpan = members?.get('model');
  if (!members || !modelSpan) return { refused: 'the request body is not a Messages request' };
  const refused = refusal(bytes, members, facts);
  if (refused !== null) return { refused };

  const tokensSpan = members.get('max_tokens');
  const thinkingSpan = members.get('thinking');
  const asked = valueAt(bytes, tokensSpan);
  const maxTokens = typeof asked === 'number' ? Math.min(asked, facts.outputTokensMax ?? asked) : null;
  const thinking = thinkingSpan
    ? adaptThinking(bytes.subarray(thinkingSpan.start, thinkingSpan.end), maxTokens, facts)
    : 'same';

  const edits: Edit[] = [{ span: modelSpan, json: JSON.stringify(sentAs) }];
  const adapted: string[] = [];
  if (tokensSpan && maxTokens !== null && maxTokens !== asked) {
    edits.push({ span: tokensSpan, json: String(maxTokens) });
    adapted.push(`max_tokens=${maxTokens}`);
  }
  if (thinkingSpan && typeof thinking === 'object') {
    edits.push({ span: thinkingSpan, json: thinking.json });
    adapted.push(`thinking=${thinking.form}`);
  }
  const body = replaceMembers(bytes, edits);
  if (thinking !== 'removed') return { body, adapted };
  return { body: removeMember(body, 'thinking'), adapted: [...adapted, 'thinking=removed'] };
}

function refusal(bytes: Uint8Array, members: Members, facts: ModelFacts): string | null {
  for (const name of bound) {
    const isSet = (valueAt(bytes, members.get(name)) ?? null) !== null;
    if (isSet) return `the request sets ${name}, which holds for its own model only`;
  }
  if (facts.forcedTools === false && forcesTool(valueAt(bytes, members.get('tool_choice')))) {
    return 'the model does not take a forced tool_choice';
  }
  if (facts.prefill === false && endsWithPrefill(bytes, members.get('messages'))) {
    return 'the model does not take an assistant message at the end';
  }
  if (facts.contextTokensMax !== null && estimatedTokens(bytes, facts.contextTokensMax) > facts.contextTokensMax) {
    return `the request is beyond the model's context of ${facts.contextTokensMax} tokens`;
  }
  return null;
}

interface AdaptedThinking {
  readonly form: ThinkingForm;
  readonly json: string;
}

/** The `thinking` member as the model takes it. Forms that are not known pass as they are. */
function adaptThinking(
  thinking: Uint8Array,
  maxTokens: number | null,
  facts: ModelFacts,
): AdaptedThinking | 'same' | 'removed' {
  const members = scanMembers(thinking, thinkingMembers);
  const typeSpan = members?.get('type');
  const form = valueAt(thinking, typeSpan);
  if (!typeSpan || !isThinkingForm(form)) return 'same';
  if (facts.thinkingRefused.has(form)) {
    const substitute = substituteOf(form);
    if (substitute === null || facts.thinkingRefused.has(substitute)) return 'removed';
    const renamed = replaceMembers(thinking, [{ span: typeSpan, json: JSON.stringify(substitute) }]);
    return { form: substitute, json: textOf(removeMember(renamed, 'budget_tokens')) };
  }
  // "Must be ≥1024 and less than max_tokens": a cut max_tokens takes the budget with it.
  const budgetSpan = members?.get('budget_tokens');
  const budget = valueAt(thinking, budgetSpan);
  if (!budgetSpan || typeof budget !== 'number' || maxTokens === null || budget < maxTokens) return 'same';
  const json = String(Math.floor(maxTokens / 2));
  return { form, json: textOf(replaceMembers(thinking, [{ span: budgetSpan, json }])) };
}

function isThinkingForm(type: unknown): type is ThinkingForm {
  return type === 'adaptive' || type === 'enabled' || type === 'disabled' || type === 'between_tools';
}

/** The form that comes nearest. Nothing stands for `adaptive`, which is a default wherever it is taken. */
function substituteOf(form: ThinkingForm): ThinkingForm | null {
  if (form === 'adaptive') return null;
  return form === 'disabled' ? 'between_tools' : 'adaptive';
}

function endsWithPrefill(bytes: Uint8Array, messages: Span | undefined): boolean {
  const last = messages && scanElements(bytes, messages)?.at(-1);
  if (!last) return false;
  const message = bytes.subarray(last.start, last.end);
  if (valueAt(message, scanMembers(message, new Set(['role']))?.get('role')) !== 'assistant') return false;
  const value = valueAt(bytes, last);
  return !(isJsonObject(value) && isPausedTurn(value));
}

/**
 * By size, so rather too many: a target that is skipped wrongly costs less than one that refuses the body after its
 * upload. Only where that alone would be too much are the bytes of images taken off.
 */
function estimatedTokens(bytes: Uint8Array, tokensMax: number): number {
  const tokens = bytes.length / bytesPerToken;
  return tokens <= tokensMax ? tokens : (bytes.length - mediaBytes(bytes)) / bytesPerToken;
}

/** Bytes of images and documents, which come as long strings of base64. */
function mediaBytes(bytes: Uint8Array): number {
  let sum = 0;
  eachString(bytes, ({ start, end }) => {
    if (end - start < mediaBytesMin) return;
    const head = Buffer.from(bytes.subarray(start + 1, start + 65)).toString('latin1');
    if (/^[A-Za-z0-9+/]{64}$/.test(head)) sum += end - start;
  });
  return sum;
}
