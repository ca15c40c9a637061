import { type ContentBlock, type JsonObject, textOf } from './message.ts';

/** What an answer has still to say. */
export interface Remainder {
  /** The rest of the text in whose middle, or at whose end, what was given stops; null where it stops after another block. */
  readonly tail: string | null;
  readonly blocks: readonly ContentBlock[];
  /** What was given is how the answer begins. */
  readonly fits: boolean;
}

const thinks = (type: unknown) => type === 'thinking' || type === 'redacted_thinking';
const isBlank = (block: ContentBlock | undefined) => block?.type === 'text' && block.text.trim() === '';

/**
 * What is left of an answer after its given beginning. It is measured, not compared: where a character
 * of what was given was lost or doubled, the answer goes on one too late or too early, and it shows.
 */
export function remainderOf(content: readonly ContentBlock[], given: readonly JsonObject[]): Remainder {
  const rest = [...content];
  let tail: string | null = null;
  let fits = true;
  for (const block of given) {
    if (tail !== null && tail !== '') fits = false;
    // Thinking is left out for a model that cannot read it, and another model's is not ours.
    if (!thinks(block.type)) while (thinks(rest[0]?.type)) rest.shift();
    else if (!thinks(rest[0]?.type)) continue;
    // A text of nothing but white space is never given back: the API refuses it.
    while (isBlank(rest[0])) rest.shift();
    const whole = rest.shift();
    const isText = block.type === 'text';
    const text = isText ? textOf(block.text) : '';
    fits &&= whole?.type === block.type && (whole?.type !== 'text' || whole.text.startsWith(text));
    tail = isText ? (whole?.type === 'text' ? whole.text.slice(text.length) : '') : null;
  }
  return { tail, blocks: rest, fits };
}

/** So many characters of an answer are no coincidence. */
const tellingChars = 16;

/**
 * The same for a beginning that is the last turn. A caller may have put words of its own there: the
 * answer then begins after them, wherever the longest end of what was given is its beginning.
 */
export function remainderOfPrefill(content: readonly ContentBlock[], given: readonly JsonObject[]): Remainder {
  const own = remainderOf(content, given);
  const [first, ...others] = given;
  const begins = content.find((block) => !thinks(block.type));
  if (own.fits || first?.type !== 'text' || begins?.type !== 'text') return own;
  const text = textOf(first.text);
  if (begins.text.startsWith(text.slice(0, tellingChars))) return own;
  let chars = Math.min(text.length, begins.text.length);
  while (!text.endsWith(begins.text.slice(0, chars))) chars--;
  return remainderOf(content, [{ type: 'text', text: begins.text.slice(0, chars) }, ...others]);
}
