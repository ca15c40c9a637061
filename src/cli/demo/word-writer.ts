const indent = '  ';
const columnsMax = 100;

/** In how many columns the demo's sentences are set: what the terminal has, with room for an indent. */
export function columnsOf({ columns }: Pick<NodeJS.WriteStream, 'columns'>): number {
  // A terminal that does not know its width says 0.
  return Math.min((columns || columnsMax) - 2, columnsMax);
}

/**
 * Writes text as it comes, in lines of at most `columns`, which break between words.
 * @returns a function that writes one more piece; `paint` colours it without counting as width
 */
export function wordWriter(
  out: Pick<NodeJS.WriteStream, 'write'>,
  columns: number,
): (piece: string, paint?: (text: string) => string) => void {
  let column = 0;
  let spaced = false;
  return (piece, paint = (text) => text) => {
    for (const word of piece.match(/\S+|\s+/g) ?? []) {
      if (word.trim() === '') {
        spaced = true;
        continue;
      }
      const joint = spaced ? ' ' : '';
      const fits = column + joint.length + word.length <= columns;
      // A word that comes in two pieces is not torn at the end of a line.
      const wraps = column === 0 || (spaced && !fits);
      const before = wraps ? `${column === 0 ? '' : '\n'}${indent}` : joint;
      out.write(`${before}${paint(word)}`);
      column = wraps ? indent.length + word.length : column + joint.length + word.length;
      spaced = false;
    }
  };
}
