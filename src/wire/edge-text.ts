import type { RawHeaders } from '../core/call.ts';
import { headerOf } from './headers.ts';
import { quotable } from './redact.ts';

/** True for a web page: by its content type, or by how it begins. */
export function isHtml(headers: RawHeaders, text: string): boolean {
  return /text\/html/i.test(headerOf(headers, 'content-type') ?? '') || /^\s*<(?:!doctype|html)/i.test(text);
}

/**
 * One sentence about an answer that did not come from the API itself: status, title and Ray ID,
 * never the page.
 * @param text of the body
 */
export function edgeMessage(status: number, headers: RawHeaders, text: string): string {
  const html = isHtml(headers, text);
  const title = html ? titleOf(text) : '';
  const notes = [title === '' ? null : `"${title}"`, rayOf(headers)].filter((note) => note !== null);
  const seen = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
  if (headerOf(headers, 'cf-mitigated') === 'challenge' || (html && /just a moment/i.test(title))) {
    return `Cloudflare answered ${status} with a browser challenge${seen}, which no API client can solve: send from another network or without the proxy.`;
  }
  if (html) return `The edge in front of the API answered ${status} with a web page${seen}.`;
  const quoted = quotable(text);
  if (quoted === '') return `The upstream answered ${status} without a body${seen}.`;
  return `The edge in front of the API answered ${status}: ${quoted}${seen}`;
}

/** The title of a web page, fit to be quoted; empty when it has none. */
export function titleOf(html: string): string {
  return quotable(/<title[^>]{0,200}>([^<]{0,500})/i.exec(html)?.[1] ?? '');
}

function rayOf(headers: RawHeaders): string | null {
  const ray = headerOf(headers, 'cf-ray');
  return ray === null ? null : `Ray ID ${quotable(ray)}`;
}
