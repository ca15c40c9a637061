import { createHash, createHmac, type Hash } from 'node:crypto';
import { blocksOf, isObject, type Json, type JsonObject, type MessagesRequest, objectsIn, textOf } from './message.ts';
import { models } from './models.ts';

/** Not a secret: it only makes signatures that nobody computes by accident. */
const key = 'ridethrough simulator';
const digestLength = 43;

/**
 * A thinking block's signature binds it to its model and to everything before it, as the real one
 * does: `Er`, a mark of the model, a digest of the prefix.
 */
const modelMark = (model: string) => createHmac('sha256', key).update(model).digest('base64url').slice(0, 8);
const marks = new Set(models.map((model) => modelMark(model.id)));

/** Cache breakpoints move from turn to turn; they are no part of what was said. */
const canonical = (value: Json | undefined) =>
  JSON.stringify(value ?? null, (name, member) => (name === 'cache_control' ? undefined : member));

const beginning = (request: MessagesRequest) =>
  createHash('sha256').update(canonical([request.model ?? null, request.system ?? null, request.tools ?? null]));

function addMessage(hash: Hash, message: JsonObject): Hash {
  return hash.update(canonical({ role: message.role, content: blocksOf(message) }));
}

function seal(hash: Hash, model: string, thinking: string): string {
  const prefix = hash.copy().digest('hex');
  return `Er${modelMark(model)}${createHmac('sha256', key).update(`${prefix}:${thinking}`).digest('base64url')}`;
}

/**
 * The signature of a thinking block in the answer to `request`. An assistant's turn at the end of the
 * request is part of the turn that is being answered.
 * @param before the blocks of the answer that stand before it
 */
export function sign(request: MessagesRequest, thinking: string, before: readonly JsonObject[] = []): string {
  const messages = objectsIn(request.messages);
  const last = messages.at(-1);
  const begun = last?.role === 'assistant' ? last : null;
  const hash = beginning(request);
  for (const message of begun === null ? messages : messages.slice(0, -1)) addMessage(hash, message);
  for (const block of [...(begun === null ? [] : blocksOf(begun)), ...before]) hash.update(canonical(block));
  return seal(hash, textOf(request.model), thinking);
}

/**
 * Looks for a thinking block that does not belong where it stands. Thinking of another model is
 * passed over, because the API drops what it cannot read.
 * @returns the API's sentence about the first such block, or null when all are good
 */
export function signatureProblem(request: MessagesRequest): string | null {
  const messages = objectsIn(request.messages);
  const thinks = (message: JsonObject) => blocksOf(message).some((block) => block.type === 'thinking');
  if (!messages.some(thinks)) return null;
  const hash = beginning(request);
  const mark = modelMark(textOf(request.model));
  for (const [index, message] of messages.entries()) {
    const before = hash.copy();
    for (const [position, block] of blocksOf(message).entries()) {
      if (isObject(block) && block.type === 'thinking') {
        const where = `messages.${index}.content.${position}`;
        const signature = typeof block.signature === 'string' ? block.signature : '';
        const itsMark = signature.slice(2, 10);
        if (!marks.has(itsMark) || signature.length !== 10 + digestLength) {
          return `${where}: Invalid \`signature\` in \`thinking\` block`;
        }
        const whole = seal(before, textOf(request.model), textOf(block.thinking));
        if (itsMark === mark && signature !== whole) {
          return `${where}: Invalid \`signature\` in \`thinking\` block: it is bound to a different conversation`;
        }
      }
      before.update(canonical(block));
    }
    addMessage(hash, message);
  }
  return null;
}
