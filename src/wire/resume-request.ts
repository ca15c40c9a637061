import { anchorOf } from './anchor.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { type Edit, replaceMembers } from './json-edit.ts';
import { type Span, scanElements, scanMembers, valueAt } from './json-scan.ts';
import { forcesTool, modelFacts } from './models.ts';
import { isPausedTurn } from './paused-turn.ts';
import { serverTools } from './release-gate.ts';
import { thinkingTypes } from './strip-thinking.ts';
import { blockTokens } from './token-estimate.ts';
import { argumentsOf, type Transcript, type TranscriptBlock } from './transcript.ts';

/** How the model is asked to go on. */
export type ResumeForm =
  /** The partial answer, then a user turn that asks to repeat the last words and go on. */
  | 'anchored'
  /** The partial answer as the last turn: where the model takes a prefill, or the caller gave one. */
  | 'prefill'
  /** The partial answer as the last turn, after the result of a server tool. */
  | 'paused'
  /** Nothing was sent that could be gone on with, only white space, thinking or half a thought: the request as it was. */
  | 'again'
  /** No continuation: an answer from its beginning, whose thinking is to be left out. */
  | 'opening';

/** A request that asks for the rest of an answer. */
export interface ResumeRequest {
  readonly body: Uint8Array;
  readonly form: ResumeForm;
  /** A client tool was being called when the stream broke: an answer without one is a failed resume. */
  readonly wantsTool: boolean;
}

/** What decides how the rest is asked for, beside what has been said. */
export interface ResumeCircumstances {
  /** The model that is asked now began the answer, and may verify its thinking: no other can read it. */
  readonly keepsThinking: boolean;
  /** Name of the client tool that was being called when the stream broke; null when none was. */
  readonly cutTool: string | null;
  /** The `paused` form was refused before. */
  readonly noPause: boolean;
}

/** Why a stream cannot be resumed; `spent`: what is left of `max_tokens` is not worth a request. */
export type NoResume = 'opaque' | 'bound' | 'forced-tool' | 'spent';

const wanted: ReadonlySet<string> = new Set([
  'messages',
  'max_tokens',
  'thinking',
  'tool_choice',
  'thread',
  'container',
  'output_config',
  'output_format',
]);

const threadMember: ReadonlySet<string> = new Set(['thread']);

/** Room for the words that are repeated. */
const repeatTokens = 64;
/** Less than this is not worth asking for: the answer ends as if by `max_tokens`. */
const remainderTokensMin = 16;

/**
 * The request that continues a broken answer (R10). `system`, `tools`, `tool_choice` and `thinking`
 * stay as they are, byte for byte, and so does the history: signatures and the cache hang on them.
 * @param request the body that was sent, for the model that is asked now
 * @param model the model that is asked now
 * @param said what has been released, rolled back to it
 */
export function resumeRequest(
  request: Uint8Array,
  model: string,
  said: Transcript,
  { keepsThinking, cutTool, noPause }: ResumeCircumstances,
): ResumeRequest | NoResume {
  const members = scanMembers(request, wanted);
  const messages = members?.get('messages');
  if (!members || !messages || said.opaque || said.lasting.some(cannotBeSentBack)) return 'opaque';
  const memberOf = (name: string) => valueAt(request, members.get(name)) ?? null;
  const container = memberOf('container') ?? said.message?.container ?? null;
  if (memberOf('thread') !== null || container !== null || said.lasting.some(ranInContainer)) return 'bound';
  // Asked for again, the tool would come instead of the rest of the text.
  if (forcesTool(memberOf('tool_choice'))) return 'forced-tool';

  const turn = assistantTurn(said, keepsThinking);
  const wantsTool = cutTool !== null;
  // No word, at most the thinking before one.
  const saysNothing = turn.every(({ type }) => thinkingTypes.has(String(type)));
  if (saysNothing) return { body: request, form: 'again', wantsTool };

  const { prefill, thinkingRefused } = modelFacts(model);
  const thinking = memberOf('thinking');
  const thinks = thinkingRefused.has('disabled') || (isJsonObject(thinking) && thinking.type !== 'disabled');
  const maxTokens = remainingTokens(memberOf('max_tokens'), said, thinks, model);
  if (maxTokens !== null && maxTokens < remainderTokensMin) return 'spent';
  const edits: Edit[] = [];
  const tokensSpan = members.get('max_tokens');
  if (maxTokens !== null && tokensSpan !== undefined) edits.push({ span: tokensSpan, json: String(maxTokens) });

  const begun = lastMessage(request, messages);
  const isPrefill = begun !== null && !isPausedTurn(begun.message);
  const config = memberOf('output_config');
  const json = ((isJsonObject(config) ? config.format : null) ?? memberOf('output_format')) !== null;
  const takesPrefill = prefill === true && !thinks && !json && !wantsTool && said.openText !== null;
  const form = formOf(isPrefill, takesPrefill, endsWithServerResult(said) && !noPause);
  if (form === 'prefill') trimLast(turn);
  if (begun !== null) edits.push({ span: begun.span, json: JSON.stringify(extended(begun.message, turn)) });
  const turns = begun === null ? [{ role: 'assistant', content: turn }] : [];
  edits.push(appended(messages, form === 'anchored' ? [...turns, userTurn(said, cutTool)] : turns));
  return { body: replaceMembers(request, edits), form, wantsTool };
}

/** How a request uses the conversations that the API keeps: `create`, or `continue`, which is taken once. null: it does not. */
export function threadOf(request: Uint8Array): unknown {
  const thread = valueAt(request, scanMembers(request, threadMember)?.get('thread'));
  return isJsonObject(thread) ? thread.type : null;
}

/** Code has run in a container that the API made for this answer, and whose name it would have told at its end. */
function ranInContainer({ type }: TranscriptBlock): boolean {
  return type.endsWith('code_execution_tool_result') || type === 'container_upload';
}

/** A block that nobody can say what it is, half a one of a kind that cannot be continued, or a server tool without its result. */
function cannotBeSentBack(block: TranscriptBlock, _index: number, all: readonly TranscriptBlock[]): boolean {
  if (block.opaque || (block.type !== 'text' && !block.stopped)) return true;
  return serverTools.has(block.type) && !all.some(({ start }) => start.tool_use_id === block.start.id);
}

function formOf(isPrefill: boolean, takesPrefill: boolean, paused: boolean): ResumeForm {
  if (isPrefill || takesPrefill) return 'prefill';
  return paused ? 'paused' : 'anchored';
}

function remainingTokens(asked: unknown, said: Transcript, thinks: boolean, model: string): number | null {
  if (typeof asked !== 'number') return null;
  // Half a thought is thought anew.
  const used = said.lasting.reduce((sum, block) => sum + blockTokens(block), 0);
  if (asked - used < remainderTokensMin) return 0;
  // Of a model that is not known so much is: what was asked for was taken.
  const cap = modelFacts(model).outputTokensMax ?? asked;
  return Math.min(asked - used + repeatTokens + (thinks ? asked : 0), cap);
}

/** The released blocks as the API takes them back. Empty when nothing but white space was sent. */
function assistantTurn(said: Transcript, keepsThinking: boolean): JsonObject[] {
  return said.lasting.flatMap((block): JsonObject[] => {
    switch (block.type) {
      case 'text': {
        const text = block.wholeText();
        if (text.trim() === '') return [];
        // Thinking behind it is bound to all of it; half a text has no sources yet.
        return [block.stopped ? block.textBlock() : { type: 'text', text }];
      }
      case 'thinking':
        if (!keepsThinking) return [];
        return [
          { ...block.start, thinking: block.wholeText(), signature: block.extra.signature ?? block.start.signature },
        ];
      case 'redacted_thinking':
        return keepsThinking ? [block.start] : [];
      default:
        return [
          block.json.length === 0
            ? { ...block.start, ...block.extra }
            : { ...block.start, input: argumentsOf(block) ?? {} },
        ];
    }
  });
}

function endsWithServerResult(said: Transcript): boolean {
  return said.lasting.at(-1)?.type.endsWith('_tool_result') === true;
}

/** What asks the model to go on. Plain words, and the last ones it said, to join the two at. */
function userTurn(said: Transcript, cutTool: string | null): JsonObject {
  // Words before another block are not where the two join: repeated, they could not be told from new text.
  const last = said.lasting.at(-1);
  const anchor = last?.type === 'text' ? anchorOf(last.wholeText()) : null;
  const ended = anchor === null ? 'was interrupted.' : `was interrupted and ended with ${JSON.stringify(anchor.text)}.`;
  const asks =
    cutTool !== null
      ? `You were about to call the tool \`${cutTool}\`. Call it now, and write nothing before it.`
      : anchor === null
        ? 'Continue from where you left off, without a preamble.'
        : 'Continue from where you left off: begin by repeating exactly these last words, then go on without a preamble.';
  return { role: 'user', content: `Your previous response ${ended} ${asks}` };
}

/** A last turn of the assistant must not end in white space. */
function trimLast(turn: JsonObject[]): void {
  const last = turn.at(-1);
  if (last?.type === 'text') turn[turn.length - 1] = { ...last, text: String(last.text).trimEnd() };
}

/** The turn that the answer goes on with, when the caller's last message is the assistant's: a prefill, or one that was paused. */
function lastMessage(request: Uint8Array, messages: Span): { span: Span; message: JsonObject } | null {
  const span = scanElements(request, messages)?.at(-1);
  const message = span && valueAt(request, span);
  return span && isJsonObject(message) && message.role === 'assistant' ? { span, message } : null;
}

function extended(message: JsonObject, turn: readonly JsonObject[]): JsonObject {
  const { content } = message;
  const given: JsonObject[] =
    typeof content === 'string' ? [{ type: 'text', text: content }] : ((content as JsonObject[]) ?? []);
  const last = given.at(-1);
  const [first, ...rest] = turn;
  // The answer goes on in the middle of the prefill's last text.
  if (last?.type !== 'text' || first?.type !== 'text') return { ...message, content: [...given, ...turn] };
  const joined = { ...last, text: `${last.text}${first.text}` };
  return { ...message, content: [...given.slice(0, -1), joined, ...rest] };
}

function appended(messages: Span, turns: readonly JsonObject[]): Edit {
  // Just before the closing bracket; an empty list cannot have been answered.
  const at = messages.end - 1;
  return { span: { start: at, end: at }, json: turns.map((turn) => `,${JSON.stringify(turn)}`).join('') };
}
