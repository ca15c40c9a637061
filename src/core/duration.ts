/** A measured time, as exact as it is of use to people: `37 ms`, `0.3 s`, `45.1 s`, `1800 s`. */
export function took(durationMs: number): string {
  if (durationMs < 100) return `${Math.round(durationMs)} ms`;
  return `${(durationMs / 1000).toFixed(durationMs < 100_000 ? 1 : 0)} s`;
}

/** An age, or a time that is left, as people say it: `8 s`, `3 min`, `2 h`, `4 days`. Never below `0 s`. */
export function span(durationMs: number): string {
  const seconds = Math.max(Math.round(durationMs / 1000), 0);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
