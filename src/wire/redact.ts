/** Longest text of others that a message of ours quotes, in characters. */
const quotedLengthMax = 300;

/** Replaces API keys, OAuth tokens and bearer credentials in text that comes from elsewhere. */
function maskKeys(text: string): string {
  return text.replace(/sk-ant-[\w-]+/gi, 'sk-ant-…').replace(/\b(bearer\s+)[\w.~+/=-]+/gi, '$1…');
}

/** Text from elsewhere, fit for one line of a message: keys masked, white space and control characters folded, cut. */
export function quotable(text: string): string {
  // Cut before masking as well: masking megabytes for a line of 300 characters would be work for nothing.
  const line = maskKeys(text.slice(0, 4 * quotedLengthMax))
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length <= quotedLengthMax ? line : `${line.slice(0, quotedLengthMax - 1).trimEnd()}…`;
}
