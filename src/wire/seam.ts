import { anchorOf, squeeze } from './anchor.ts';
import { marksEnd, openingEnd } from './opening.ts';

/** An anchor begins within so many characters of the continuation, or is none. */
const searchCharsMax = 600;
/** A shorter repetition than this proves nothing. */
const overlapCharsMin = 12;

/** See `Seam.kind`. */
export type SeamKind = 'searching' | 'anchored' | 'plain' | 'repeating';

/**
 * Finds where the continuation of a text block joins what was released of it before its stream
 * broke, and cuts off what the continuation repeats.
 *
 *     searching  holds what comes
 *       → anchored   as soon as the anchor has come, white space ignored: at the start, or after what
 *                    may stand before it, an opening (see `openingEnd`), a longer piece of the released
 *                    text, or both. An anchor that is not unique: at the start, or after marks
 *       → plain      when none can begin within the first 600 characters any more. The longest end of
 *                    the released text with which the continuation begins is cut off, if it has 12 to
 *                    600 characters and occurs once in the released text; nothing else
 *       → repeating  at the end, see `kind`
 *     anchored   takes white space that was released after the anchor off what follows it; where
 *                other white space follows, all of it goes. Then, as in
 *     plain      text passes as it is, whatever it repeats
 *
 * When a continuation breaks while its seam is searching, nothing of it was sent: drop the seam
 * without calling `end`, and ask again.
 *
 * A text that repeats itself at the seam cannot be told from a repetition. A continuation that
 * goes on exactly loses its beginning where that reads as the anchor, as an opening and the anchor,
 * or as 12 and more characters that end the released text and occur only there (the first time a
 * line is repeated). While the released text is a few characters long, so is its anchor, and may be
 * met by chance. What stays: a repetition shorter than 12 characters or of what occurs more than
 * once, one that begins more than 600 characters before the anchor, an opening before anything but
 * the anchor.
 */
export class Seam {
  readonly #released: string;
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
    this.#released = released;
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

  /**
   * No more text comes; returns what is still to be sent. Afterwards `kind` is final.
   * @param finished the model ended its answer by itself: it does not do so in the middle of words that it
   *   repeats, so that what reads like the beginning of an anchor is new text
   */
  end(finished = false): string {
    if (this.#kind === 'searching' && !this.#repeats(finished)) return this.#goPlain();
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

  #repeats(finished: boolean): boolean {
    if (this.#held === '' || this.#overlap() === this.#held.length) return true;
    return !finished && this.#begun(overlapCharsMin);
  }

  #goPlain(): string {
    this.#kind = 'plain';
    this.#swallowed = this.#overlap();
    const text = this.#held.slice(this.#swallowed);
    this.#held = '';
    return text;
  }

  /** Characters of the longest end of the released text with which the continuation begins, where that is a repetition. */
  #overlap(): number {
    for (let chars = Math.min(this.#held.length, searchCharsMax); chars >= overlapCharsMin; chars--) {
      const head = this.#held.slice(0, chars);
      if (!this.#released.endsWith(head)) continue;
      // A line that came several times may well come again, and an indentation may be cut anywhere.
      const once = this.#released.indexOf(head) === this.#released.length - chars;
      return once && head.trim() !== '' ? chars : 0;
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
