import type { MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages';
import type { Random } from '../../core/random.ts';
import type { Scenario } from '../../faults/index.ts';
import { calm } from '../../faults/index.ts';
import { paint } from '../output.ts';
import { wrap } from '../text.ts';
import { models } from './calls.ts';
import { nameOf } from './lane.ts';
import type { Side, Stage } from './stage.ts';
import { columnsOf, wordWriter } from './word-writer.ts';

const question = 'Why is it called ride-through?';
const answer =
  'When lightning strikes a line, the voltage sags, and every power plant on the grid feels it. Once the rule was to ' +
  'disconnect at once: one strike took ten plants with it, and a blink became a night in the dark. Today a plant has ' +
  'to stay. It gives what current it can while the voltage is down, and a few tenths of a second later, when the line ' +
  'is back, it goes on as if nothing had happened. That is fault ride-through. At the far end of the line the light ' +
  'has flickered; nobody has had to look for a candle.';

const request: MessageCreateParamsNonStreaming = {
  model: models[0],
  max_tokens: 1024,
  messages: [{ role: 'user', content: question }],
};

/** Some words at a time, as one reads. The model repeats its last words when it is asked to go on. */
const scene: Partial<Scenario> = {
  ...calm,
  latency: { firstByteMs: 300, eventMs: 60, spread: 0.5 },
  answers: { [question]: { content: [{ type: 'text', text: answer }] } },
  continuation: 'repeat',
};

/** Where in the body of the answer the connection is reset: somewhere in the midst of the text. */
const cutBytes = { from: 1_500, to: 3_500 };

const mark = '✂';

interface Heard {
  readonly text: string;
  /** What ended it; null when it came to its end. */
  readonly error: string | null;
}

async function listen({ client }: Side, signal: AbortSignal, onText: (piece: string) => void): Promise<Heard> {
  let text = '';
  const stream = client.messages.stream(request, { signal });
  stream.on('text', (piece) => {
    text += piece;
    onText(piece);
  });
  try {
    await stream.finalMessage();
    return { text, error: null };
  } catch (error) {
    return { text, error: nameOf(error) };
  }
}

/**
 * Shows one stream while it is cut and healed: the words as they come, where the API's connection
 * was reset, and what the SDK alone has of the same answer, cut at the same byte.
 * @returns true when every word of it came, once
 */
export async function showHealing(
  stage: Stage,
  random: Random,
  out: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<boolean> {
  const cutAtByte = cutBytes.from + Math.floor(random.next() * (cutBytes.to - cutBytes.from));
  for (const { api } of [stage.direct, stage.through]) {
    api.setScenario(scene);
    api.next(`cut-reset@${cutAtByte}`);
  }
  const columns = columnsOf(out);
  const write = wordWriter(out, columns);
  stage.onBreak = () => write(`${mark} `, (text) => paint('red', text));
  out.write('One answer, as it streams through Ridethrough:\n\n');
  const [alone, healed] = await Promise.all([
    listen(stage.direct, signal, () => {}),
    listen(stage.through, signal, write),
  ]);
  stage.onBreak = () => {};
  if (signal.aborted) return false;
  const whole = healed.text === answer && healed.error === null;
  const outcome = whole ? 'Every word came, once.' : `It was not healed: ${healed.error ?? 'the words differ'}.`;
  const told = `${mark} Here the API's connection was reset. ${outcome} The SDK alone, cut at the same byte, was left with`;
  out.write(`\n\n${wrap(told, columns).join('\n')}\n\n`);
  wordWriter(out, columns)(alone.text, (text) => paint('dim', text));
  out.write(`\n\nand an error: ${alone.error ?? 'none'}.\n\n`);
  return whole;
}
