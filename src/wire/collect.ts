import type { JsonObject } from './json.ts';
import { argumentsOf, type Transcript, type TranscriptBlock } from './transcript.ts';

/**
 * The answer in one piece that a whole stream stands for (R12): deep-equal to what the API would
 * have sent, members that are not known included. Arguments of tools are joined unparsed, so that
 * big integers, `1.0` and the order of keys survive.
 * @returns null where only the API itself can tell it: arguments of a tool that are no JSON object, or deltas that are not known
 */
export function collectedAnswer(said: Transcript): Uint8Array | null {
  const content: string[] = [];
  for (const block of said.blocks) {
    const json = blockJson(block);
    if (json === null) return null;
    content.push(json);
  }
  const { content: _, ...message } = said.message ?? {};
  const usage = { ...(message.usage as JsonObject | undefined), ...said.final?.usage };
  const whole = { ...message, ...said.final?.rest, ...said.final?.delta, usage };
  return Buffer.from(`${JSON.stringify(whole).slice(0, -1)},"content":[${content.join(',')}]}`);
}

function blockJson(block: TranscriptBlock): string | null {
  const { type, start, extra } = block;
  if (block.opaque) return null;
  if (type === 'text') return JSON.stringify(block.textBlock());
  if (type === 'thinking') return JSON.stringify({ ...start, thinking: block.wholeText(), ...extra });
  if (block.json.length === 0) return JSON.stringify({ ...start, ...extra });
  if (argumentsOf(block) === null) return null;
  const { input: _, ...rest } = start;
  return `${JSON.stringify({ ...rest, ...extra }).slice(0, -1)},"input":${block.json.join('')}}`;
}
