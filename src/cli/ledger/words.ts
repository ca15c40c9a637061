/** `0.3 s`, `45.1 s`, `1800 s`: no call takes longer than that. */
export function took(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 100_000 ? 1 : 0)} s`;
}

/** Month, day and time of an ISO time, for a column: `11-22 14:05:09`. */
export function shortTime(iso: string): string {
  return iso.slice(5, 19).replace('T', ' ');
}

/** A model without the word they all begin with. */
export function shortModel(model: string | null): string {
  return (model ?? '').replace(/^claude-/, '');
}
