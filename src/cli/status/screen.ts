/** A terminal, as much of it as is drawn on. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

/** Alternate screen, no cursor, and lines that are cut at the edge instead of wrapped. */
const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const leave = '\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Synchronized output: terminals that know it show a frame at once, the others ignore it. */
const begin = '\x1b[?2026h';
const end = '\x1b[?2026l';

/**
 * Draws frames on a terminal without flicker: each is one write, of the lines that have changed.
 * While the terminal does not keep up, frames are left out.
 */
export class Screen {
  readonly #terminal: Terminal;
  #shown: readonly string[] = [];
  #behind = false;
  #open = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  open(): void {
    this.#open = true;
    this.#terminal.write(enter);
  }

  draw(lines: readonly string[]): void {
    if (!this.#open || this.#behind) return;
    // Erased before it is written: behind a line that fills the row, the cursor stands on its last character.
    const changed = lines.flatMap((line, row) =>
      line === this.#shown[row] ? [] : `\x1b[${row + 1};1H\x1b[2K${line}\x1b[0m`,
    );
    const shorter = lines.length < this.#shown.length ? `\x1b[${lines.length + 1};1H\x1b[J` : '';
    if (changed.length === 0 && shorter === '') return;
    this.#shown = lines;
    this.#behind = !this.#terminal.write(`${begin}${changed.join('')}${shorter}${end}`);
    if (this.#behind) {
      this.#terminal.once('drain', () => {
        this.#behind = false;
      });
    }
  }

  /** The terminal has another size: what stands on it is not to be relied on. */
  resized(): void {
    this.#shown = [];
    if (this.#open) this.#terminal.write('\x1b[2J');
  }

  /** Gives the terminal back as it was. May be called at any time, also twice. */
  close(): void {
    if (this.#open) this.#terminal.write(leave);
    this.#open = false;
  }
}
