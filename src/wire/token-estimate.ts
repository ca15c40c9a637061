import type { TranscriptBlock } from './transcript.ts';

/**
 * Bytes of text that a token stands for, rather too few: English prose has four and a half, code and other languages
 * have less. So a model is taken to have said, and a request to hold, rather too much than too little.
 */
export const bytesPerToken = 3.5;

/** Tokens of a text, roughly. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

/** Tokens that a released block cost, roughly. */
export function blockTokens(block: TranscriptBlock): number {
  const shown = block.type === 'text' || block.type === 'thinking' ? block.wholeText() : block.json.join('');
  return estimateTokens(shown);
}
