import { anchorOf, squeeze } from './anchor.ts';
import { marksEnd, openingEnd } from './opening.ts';

/** An anchor begins within so many characters of the continuation, or is none. */
const searchCharsMax = 600;
/** A shorter repetition than this proves nothing. */
const overlapCharsMin = 12;

export type SeamKind = 'searching' | 'anchored' | 'plain' | 'repeating';

/**
 * Finds where the continuation of a text block joins what was released of it before its stream
 * broke, and cuts off what the continuation repeats.
 *
 *     searching  holds what comes      → anchored, as soon as the anchor has come (white space ignored),
 *                                        at the start, or after what a model puts before an answer:
 *                                        one preamble, a quote, a fence, a longer piece of the released text
 *                                      → plain, when no anchor can begin in the first 600 characters any
 *                                        more: the longest end of the released text (12 to 600 characters)
 *                                        with which the continuation begins is cut off, nothing else
 *                                      → repeating, at the end, see `kind`
 *     anchored   white space that was released after the anchor is taken off what follows it, once;
 *                where other white space follows, all of it goes
 *     plain, then anchored: text passes as it is, whatever it repeats
 *
 * A continuation that breaks while its seam is searching: drop the seam without `end`, and ask
 * again. Nothing was sent of it.
 *
 * Some texts cannot be told apart from a repetition, and lose it: a continuation that repeats
 * nothing, but is by itself such as to begin with the anchor, with an opening and the anchor, or with
 * the last 12 characters of the released text. An anchor of a few characters (the text was no longer)
 * may be met by chance. A repetition of fewer than 12 characters stays, as does a longer one than the
 * search sees, or one after two lines of preamble.
 */
export class Seam {
  /** The end of the released text, as far as a continuation may repeat it. */
  readonly #tail: string;
  /** White space released after the anchor. */
  readonly #space: string;
  readonly #anchor: string;
  readonly #unique: boolean;
  /** What was released before the anchor, without white space. */
  readonly #before: string;
  readonly #heldCharsMax: number;

  #kind: SeamKind = 'searching';
  /** What follows the anchor: white space to compare, white space to drop, or text. */
  #after: 'compare' | 'drop' | 'pass' = 'compare';
  #held = '';
  /** `#held` without white space, where each of its characters stands, and how much has been read. */
  #squeezed = '';
  readonly #places: number[] = [];
  #read = 0;
  /** Anchors that begin before this character of `#squeezed` were looked for. */
  #next = 0;
  #swallowed = 0;

  /** @param released all that was sent of the block so far */
  constructor(released: string) {
    const anchor = anchorOf(released);
    const text = released.trimEnd();
    this.#tail = released.slice(-searchCharsMax);
    this.#space = released.slice(text.length);
    this.#anchor = squeeze(anchor?.text ?? '');
    this.#unique = anchor?.unique ?? false;
    this.#before = squeeze(text.slice(0, text.length - (anchor?.text.length ?? 0))).slice(-searchCharsMax);
    this.#heldCharsMax = searchCharsMax + 2 * (anchor?.text.length ?? 0);
    if (anchor === null) this.#kind = 'plain';
  }

  /**
   * `searching` until decided. `anchored`: the anchor was found and cut. `plain`: it never came, at
   * most an overlap was trimmed. `repeating`: it ended before anything new came, be it empty, or
   * 12 and more characters of the anchor, or of the end of the released text.
   */
  get kind(): SeamKind {
    return this.#kind;
  }

  /** Characters of the continuation that were swallowed. */
  get swallowed(): number {
    return this.#swallowed;
  }

  /** Takes a piece of the continuation's text; returns what may be sent on now, '' while undecided. */
  push(piece: string): string {
    if (this.#kind === 'anchored') return this.#join(piece);
    if (this.#kind !== 'searching') return piece;
    this.#held += piece;
    this.#readHeld();
    const end = this.#findAnchor();
    if (end !== null) {
      this.#kind = 'anchored';
      const rest = this.#held.slice(end);
      this.#held = '';
      this.#swallowed = end;
      return this.#join(rest);
    }
    return this.#mayComeYet() ? '' : this.#goPlain();
  }

  /** No more text comes; returns what is still to be sent. Afterwards `kind` is final. */
  end(): string {
    if (this.#kind === 'searching' && !this.#repeats()) return this.#goPlain();
    if (this.#kind === 'searching') this.#kind = 'repeating';
    this.#swallowed += this.#held.length;
    this.#held = '';
    return '';
  }

  /** Brings `#squeezed` up to date, up to the most that is ever searched. */
  #readHeld(): void {
    const end = Math.min(this.#held.length, this.#heldCharsMax);
    for (; this.#read < end; this.#read++) {
      const character = this.#held.charAt(this.#read);
      if (/\s/.test(character)) continue;
      this.#squeezed += character;
      this.#places.push(this.#read);
    }
  }

  /** Where the first anchor ends that may be one, in characters of `#held`; null where there is none so far. */
  #findAnchor(): number | null {
    for (;;) {
      const index = this.#squeezed.indexOf(this.#anchor, this.#next);
      if (index === -1) break;
      if (this.#fits(index)) return this.#place(index + this.#anchor.length - 1) + 1;
      this.#next = index + 1;
    }
    this.#next = Math.max(this.#next, this.#squeezed.length - this.#anchor.length + 1);
    return null;
  }

  /** True when an anchor may begin at this character of `#squeezed`: before it stand an opening and released text only. */
  #fits(index: number): boolean {
    const place = this.#place(index);
    if (place >= searchCharsMax) return false;
    const head = this.#held.slice(0, place);
    if (!this.#unique) return marksEnd(head) === place;
    let first = index;
    let before = this.#before.length;
    while (first > 0 && before > 0 && this.#squeezed[first - 1] === this.#before[before - 1]) {
      first--;
      before--;
    }
    return this.#place(first) <= openingEnd(head);
  }

  #place(index: number): number {
    return this.#places[index] ?? 0;
  }

  /** True while an anchor may still begin, or has begun, within the first characters. */
  #mayComeYet(): boolean {
    if (this.#held.length < searchCharsMax) return true;
    return this.#held.length < this.#heldCharsMax && this.#begun(1);
  }

  /** True when what came ends in the first `charsMin` characters of an anchor, or more. */
  #begun(charsMin: number): boolean {
    const first = Math.max(0, this.#squeezed.length - this.#anchor.length);
    for (let i = first; i + charsMin <= this.#squeezed.length; i++) {
      if (this.#anchor.startsWith(this.#squeezed.slice(i)) && this.#fits(i)) return true;
    }
    return false;
  }

  #repeats(): boolean {
    return this.#held === '' || this.#overlap() === this.#held.length || this.#begun(overlapCharsMin);
  }

  #goPlain(): string {
    this.#kind = 'plain';
    this.#swallowed = this.#overlap();
    const text = this.#held.slice(this.#swallowed);
    this.#held = '';
    return text;
  }

  /** Characters of the longest end of the released text with which the continuation begins. */
  #overlap(): number {
    const longest = Math.min(this.#held.length, searchCharsMax, this.#tail.length);
    for (let chars = longest; chars >= overlapCharsMin; chars--) {
      const head = this.#held.slice(0, chars);
      // White space alone is no repetition: an indentation may be cut anywhere.
      if (this.#tail.endsWith(head)) return head.trim() === '' ? 0 : chars;
    }
    return 0;
  }

  /** Passes what follows the anchor, without the white space that was released already. */
  #join(text: string): string {
    if (this.#after === 'pass') return text;
    let rest = text;
    if (this.#after === 'compare') {
      rest = this.#held + text;
      if (rest.length < this.#space.length && this.#space.startsWith(rest)) {
        this.#held = rest;
        return '';
      }
      this.#held = '';
      if (rest.startsWith(this.#space)) {
        this.#after = 'pass';
        this.#swallowed += this.#space.length;
        return rest.slice(this.#space.length);
      }
      this.#after = 'drop';
    }
    const kept = rest.trimStart();
    if (kept !== '') this.#after = 'pass';
    this.#swallowed += rest.length - kept.length;
    return kept;
  }
}
