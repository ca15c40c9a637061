/** An anchor is at least this long, where the text is: fewer characters recur too easily. */
const anchorCharsMin = 40;
const anchorCharsMax = 400;
/** Step by which an anchor grows, and how far its beginning may move back to that of a word. */
const stepChars = 20;

/** Not the first code point of a character: it belongs to what stands before it. */
const joined = /^[\p{M}\p{EMod}\u200d]/u;
const lowSurrogate = /[\udc00-\udfff]/;
const highSurrogate = /[\ud800-\udbff]/;

/** What a model is asked to repeat, so that the place can be found where its continuation joins. */
export interface Anchor {
  /**
   * The end of the released text without its trailing white space: 40 to 400 characters (UTF-16 code
   * units), or all of a shorter text. It begins with a whole character, of a word where one is near.
   */
  readonly text: string;
  /** It occurs once in the released text, white space removed on both sides. */
  readonly unique: boolean;
}

/** The text without its white space: two texts that differ in nothing else are the same to an anchor. */
export function squeeze(text: string): string {
  return text.replace(/\s+/g, '');
}

/**
 * The shortest of the ends of `released` that occurs once in it, or the longest allowed.
 * @param released all that was sent of one text block
 * @returns null when there is nothing but white space
 */
export function anchorOf(released: string): Anchor | null {
  const text = released.trimEnd();
  if (text === '') return null;
  const squeezed = squeeze(text);
  for (let chars = anchorCharsMin; ; chars += stepChars) {
    const anchor = text.slice(beginning(text, text.length - chars)).trimStart();
    const end = squeeze(anchor);
    const unique = squeezed.indexOf(end) === squeezed.length - end.length;
    const longest = chars + stepChars >= Math.min(anchorCharsMax, text.length + stepChars);
    if (longest || (unique && anchor.length >= anchorCharsMin)) return { text: anchor, unique };
  }
}

/** The nearest beginning of a word at most one step before `at`, or else the next of a character. */
function beginning(text: string, at: number): number {
  if (at <= 0) return 0;
  const first = Math.max(0, at - stepChars);
  for (let i = at; i >= first; i--) if (beginsWord(text, i)) return i;
  for (let i = at; i < text.length; i++) if (beginsCharacter(text, i)) return i;
  return at;
}

function beginsWord(text: string, at: number): boolean {
  return /\S/.test(text.charAt(at)) && (at === 0 || /\s/.test(text.charAt(at - 1))) && beginsCharacter(text, at);
}

function beginsCharacter(text: string, at: number): boolean {
  const before = text.charAt(at - 1);
  if (lowSurrogate.test(text.charAt(at)) && highSurrogate.test(before)) return false;
  return before !== '\u200d' && !joined.test(text.slice(at, at + 2));
}
