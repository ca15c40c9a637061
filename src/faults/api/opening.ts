import type { Manner } from './script.ts';

/** How much of the text before the anchor is repeated by a model that repeats more than it should. */
const longerChars = 60;

/**
 * What a continuation says before it says anything new.
 * @param given the text that it goes on with
 * @param anchor its last words, which are to be repeated
 * @param tail what follows the given text
 */
export function openingOf(given: string, anchor: string, tail: string, manner: Manner): string {
  const at = given.lastIndexOf(anchor);
  // Words that the given text has not got are repeated all the same: that shows.
  const words = at < 0 ? anchor : given.slice(at);
  switch (manner) {
    case 'repeat-longer':
      return given.slice(wordBegin(given, at - longerChars), Math.max(at, 0)) + words;
    case 'whitespace':
      return `\n${otherSpace(words, tail)}`;
    case 'preamble':
      return `Continuing from where I left off:\n\n${words}`;
    case 'quote':
      return `"${words}`;
    case 'fence':
      return `\`\`\`\n${words}`;
    default:
      return words;
  }
}

/** The beginning of a word near `at`. */
const wordBegin = (text: string, at: number) => Math.max(0, text.slice(0, Math.max(0, at)).search(/\S+\s*$/u));

/** Each white space becomes another, but the last where the text goes on with more of it: that is new, not repeated. */
function otherSpace(words: string, tail: string): string {
  const end = /^\s/u.test(tail) ? words.trimEnd().length : words.length;
  const altered = words.slice(0, end).replace(/\s+/gu, (space) => (space === ' ' ? '\n' : ' '));
  return altered + words.slice(end);
}
