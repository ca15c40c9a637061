/** The colours of people's output, and what serves as one. */
export type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

/** Puts a colour on text; returns it as it is where there are none. */
export type Paint = (colour: Colour, text: string) => string;

/** Text as a terminal may show it: one line, without control characters. Callers name the models. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, '?');
}

/** Text in a column: cut with an ellipsis, or filled up, to exactly so many characters. */
export function fit(text: string, width: number): string {
  const one = clean(text);
  return one.length > width ? `${one.slice(0, Math.max(width - 1, 0))}…` : one.padEnd(width);
}

/** Text broken at spaces into lines of at most `width`; a word that is longer is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of clean(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((each) => (each.length > width ? fit(each, width) : each));
}

/** The time of day, in the reader's own zone: `14:05:09`. */
export function timeOfDay(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}

/** `1 call`, `2 calls`. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/** The column in which labels stand, in characters. */
export const labelWidth = 10;

/** A text beside its label, broken into lines that fit `width` together with it. */
export function labelled(label: string, text: string, width: number, paint: Paint): string[] {
  return wrap(text, width - labelWidth).map((line, index) => {
    return `${paint('dim', fit(index === 0 ? label : '', labelWidth))}${line}`;
  });
}

/** Month, day and time of an ISO time, for a column: `11-22 14:05:09`. */
export function shortTime(iso: string): string {
  return iso.slice(5, 19).replace('T', ' ');
}

/** A model without the word they all begin with. */
export function shortModel(model: string | null): string {
  return (model ?? '').replace(/^claude-/, '');
}
