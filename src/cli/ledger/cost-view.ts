import { type FailureCost, sumOfCosts } from '../../ledger/cost.ts';
import { pricesAsOf } from '../../ledger/prices.ts';
import { type Column, tableLines } from '../table.ts';
import { counted, shortModel } from '../text.ts';

/** Together 78 characters wide. */
const columns: readonly Column<FailureCost>[] = [
  { head: 'day (UTC)', width: 10, cell: ({ day }) => day },
  { head: 'model', width: 14, cell: ({ model }) => shortModel(model) },
  { head: 'class', width: 11, cell: (row) => row.class },
  { head: 'attempts', width: 8, right: true, cell: ({ attempts }) => String(attempts) },
  {
    head: 'in',
    width: 7,
    right: true,
    cell: ({ input, cacheWrite, cacheRead }) => short(input + cacheWrite + cacheRead),
  },
  { head: 'out', width: 7, right: true, cell: ({ output, estimated }) => `${estimated ? '~' : ''}${short(output)}` },
  {
    head: 'USD',
    width: 9,
    right: true,
    cell: ({ usd, model }) => usd?.toFixed(4) ?? (model === null ? '–' : 'unknown'),
  },
];

/** What failures cost, for people: a table that fits 80 columns, and what it leaves out. */
export function costLines(costs: readonly FailureCost[]): string[] {
  if (costs.length === 0) return ['No attempt was lost: nothing was spent on failures.'];
  const { billed, unknown, usd, unknownUsd } = sumOfCosts(costs);
  // Without a model it was no message (a batch, a list): such a call has no price that could be missing.
  const unpriced = new Set(costs.flatMap(({ usd, model }) => (usd === null && model !== null ? [model] : [])));
  const lines = [...tableLines(columns, costs), '', `USD ${usd.toFixed(4)} in all, at list prices of ${pricesAsOf}.`];
  if (unpriced.size > 0) lines.push(`No price is known of ${[...unpriced].join(', ')}.`);
  if (costs.some(({ estimated }) => estimated)) lines.push('~ output is estimated where an answer was cut.');
  if (billed > 0) lines.push(`${counted(billed, 'attempt')} told what they were billed.`);
  if (unknown > 0) {
    lines.push(`${counted(unknown, 'attempt')} may have been billed: sent, and broken without a word. What they`);
    lines.push(`sent would be USD ${unknownUsd.toFixed(4)}, estimated from its bytes.`);
  }
  return lines;
}

/** `950`, `12.3k`, `4.56M`. */
function short(tokens: number): string {
  if (tokens < 1_000) return String(tokens);
  return tokens < 1_000_000 ? `${(tokens / 1_000).toFixed(1)}k` : `${(tokens / 1_000_000).toFixed(2)}M`;
}
