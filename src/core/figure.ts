/** One figure of `/ridethrough/metrics`, which a part keeps by itself and which is read when somebody asks. */
export interface Figure {
  /** Without `ridethrough_`, in snake case, with its unit; a counter's ends in `_total`. */
  readonly name: string;
  readonly help: string;
  /** `counter`: only ever grows. */
  readonly kind: 'counter' | 'gauge';
  /** Names of the labels; there must be an end to the values of each. */
  readonly labels: readonly string[];
  /** The values, each with all labels. */
  read(): readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

/** A figure without labels. */
export function plainFigure(kind: Figure['kind'], name: string, help: string, read: () => number): Figure {
  return { name, help, kind, labels: [], read: () => [{ labels: {}, value: read() }] };
}
