import type { Random } from '../../core/random.ts';

/** Letters of more than one byte, quotes, markup and emoji are among them: what is cut or escaped wrongly, shows. */
const words =
  'the grid sags and the plant stays on while voltage falls—for a moment nothing moves, then naïve café “quotes” ' +
  '数据 流 continue 🙂 👩‍🔧 across each line; a \\ backslash, a <tag>, 3.14 and one more: relay, breaker, fuse.\n\n' +
  'Recovery is not luck. It is *practice*, measured in cycles – 20 ms each – and kept in `notes.md`';
const pieces = words.match(/\S+\s*/gu) ?? [];

/**
 * Prose of `count` pieces (a word and the space after it), a new one for each generator state.
 * Joined, the pieces are the text; none is empty.
 */
export function prose(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => {
    const piece = pieces[Math.floor(random.next() * pieces.length)] ?? '';
    return /\s$/u.test(piece) ? piece : `${piece} `;
  });
}
