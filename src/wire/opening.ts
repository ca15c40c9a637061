/** Longest line that is taken for a preamble, in characters. */
const preambleCharsMax = 200;

/** Quotes, dots of omission and a code fence with its language. */
const marks = /(?:```\S*\n|\.\.\.|[\s…"'`“„«‹‘「『])*/y;

/**
 * One line such as "Continuing from where I left off:". It begins with a capital, or a letter of a
 * script without them, and ends in a colon, or at the end of a sentence that ends the line.
 * What goes on inside a word or a sentence begins otherwise, and so does most code.
 */
const preamble = new RegExp(`\\s*[\\p{Lu}\\p{Lo}][^\\n]{0,${preambleCharsMax}}(?:[:：]|[.!…。！]\\s*\\n)`, 'uy');

/** Characters of `text` that are white space, quotes, dots of omission or a code fence before an answer. */
export function marksEnd(text: string, from = 0): number {
  marks.lastIndex = from;
  marks.exec(text);
  return Math.max(marks.lastIndex, from);
}

/** Characters of `text` that a model may have put before its answer: a preamble, then marks; or marks alone. */
export function openingEnd(text: string): number {
  preamble.lastIndex = 0;
  return marksEnd(text, preamble.test(text) ? preamble.lastIndex : 0);
}
