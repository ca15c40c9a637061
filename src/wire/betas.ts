import type { RawHeaders } from '../core/call.ts';
import { headerOf } from './headers.ts';
import type { ModelFacts } from './models.ts';

const betaHeader = 'anthropic-beta';
/** A million tokens of context, for those models that have as much by request only. */
const longContext = 'context-1m-';

/** The betas that a request asks for, all `anthropic-beta` headers together. */
export function betasOf(headers: RawHeaders): string[] {
  const betas: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() !== betaHeader) continue;
    betas.push(...(headers[i + 1] as string).split(',').flatMap((beta) => beta.trim() || []));
  }
  return betas;
}

/** True where the request asks for a million tokens of context. */
export function asksForLongContext(headers: RawHeaders): boolean {
  return betasOf(headers).some((beta) => beta.startsWith(longContext));
}

/** The betas among these that a model answers with a 400. */
export function refusedBetas(betas: readonly string[], { longContext: takes }: ModelFacts): string[] {
  return takes === 'never' ? betas.filter((beta) => beta.startsWith(longContext)) : [];
}

/**
 * The betas that an upstream has refused, by what it says: "Unexpected value(s) `x` for the
 * `anthropic-beta` header." Other hosts of the API know fewer of them.
 */
export function betasNamedIn(message: string, betas: readonly string[]): string[] {
  return message.includes(betaHeader) ? betas.filter((beta) => message.includes(`\`${beta}\``)) : [];
}

/** The headers without some betas; a header that has no other goes as a whole. */
export function withoutBetas(headers: RawHeaders, dropped: ReadonlySet<string>): RawHeaders {
  if (dropped.size === 0 || headerOf(headers, betaHeader) === null) return headers;
  const kept: RawHeaders = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const own = [name, headers[i + 1] as string];
    const betas = name.toLowerCase() === betaHeader ? betasOf(own).filter((beta) => !dropped.has(beta)) : null;
    if (betas === null) kept.push(...own);
    else if (betas.length > 0) kept.push(name, betas.join(','));
  }
  return kept;
}
