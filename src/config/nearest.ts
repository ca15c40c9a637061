/**
 * Levenshtein distance: insertions, deletions and substitutions that turn `from` into `to`.
 * One row of the matrix is kept, so memory grows with the shorter use: a key's length.
 */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** Letters that both begin with. */
function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/**
 * The one of `known` that is most likely meant by `word`: few edits away, and with the same beginning,
 * which people get right (`retries` is meant for `retry`, not for `replies`).
 * @returns null when all differ in more than half of their letters
 */
export function nearest(word: string, known: readonly string[]): string | null {
  // A word longer than any key by far cannot be a slip of the pen; this also bounds the work.
  if (word.length > 100) return null;
  let best: string | null = null;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate);
    if (distance > Math.max(word.length, candidate.length) / 2) continue;
    const rank = distance - commonStart(word.toLowerCase(), candidate);
    if (rank >= bestRank) continue;
    best = candidate;
    bestRank = rank;
  }
  return best;
}
