/** What a million tokens cost, in US dollars. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** The day on which this table was compared with the published list prices. */
export const pricesAsOf = '2026-11-22';

/** List prices of the API by model id without its date. What is not here has no price, and is shown as unknown. */
const prices: ReadonlyMap<string, Price> = new Map([
  ['claude-fable-5-2', { input: 8, output: 40 }],
  ['claude-mythos-5-2', { input: 8, output: 40 }],
  ['claude-opus-5-5', { input: 4, output: 20 }],
  ['claude-sonnet-5-5', { input: 2, output: 10 }],
  // Its lowest tier: what is not told of a request cannot make it dearer.
  ['claude-haiku-5-5', { input: 0.1, output: 0.5 }],
]);

/** Writing into the five-minute cache and reading from it, in shares of the input price. */
const cacheShare = { write: 1.25, read: 0.1 } as const;

/** Tokens of one kind of billing. */
export interface BilledTokens {
  readonly input: number;
  readonly cacheWrite: number;
  readonly cacheRead: number;
  readonly output: number;
}

/** US dollars; null for a model whose price is not known. */
export function costOf(model: string | null, tokens: BilledTokens): number | null {
  const price = prices.get((model ?? '').replace(/-\d{8}$/, ''));
  if (price === undefined) return null;
  const { input, cacheWrite, cacheRead, output } = tokens;
  const inputs = input + cacheWrite * cacheShare.write + cacheRead * cacheShare.read;
  return (inputs * price.input + output * price.output) / 1e6;
}
