import { text as readAll } from 'node:stream/consumers';
import type { Config } from '../../config/config.ts';
import { systemClock } from '../../core/clock.ts';
import { RidethroughError } from '../../core/errors.ts';
import type { CallEvent } from '../../core/events.ts';
import { callMsMax } from '../../core/limits.ts';
import { ridethrough } from '../../index.ts';
import { errorEnvelope } from '../../wire/envelope.ts';
import { parseJson } from '../../wire/json.ts';
import { configOption } from '../args.ts';
import { apiAccess } from '../authorize.ts';
import { defineCommand } from '../command.ts';
import { canRedraw, note, print } from '../output.ts';
import { describeFailure, failureStatus } from '../send/failure.ts';
import { libraryOptions } from '../send/library.ts';
import { Progress } from '../send/progress.ts';
import { readMessage, readStream } from '../send/read-answer.ts';

/** The argument, or standard input where that is `-` or where there is none and input is not a terminal. */
async function textToSend(operand: string | undefined): Promise<string> {
  const fromInput = operand === '-' || (operand === undefined && !process.stdin.isTTY);
  const text = fromInput ? await readAll(process.stdin) : (operand ?? '');
  if (text.trim() !== '') return text;
  throw new RidethroughError('invalid_usage', 'There is no text to send: give it as an argument or on standard input.');
}

/** What people should know besides an answer. */
function tell(stopReason: string | null, call: CallEvent | null): void {
  if (stopReason === 'max_tokens') note('ridethrough: the answer was cut at --max-tokens.');
  if (stopReason === 'refusal') note('ridethrough: the model refused to answer.');
  if (call !== null && call.recovered.length > 0) {
    note(`recovered: ${call.recovered.join(', ')}, ${call.attempts} attempts`);
  }
}

/** Tells on standard error of what fails while one waits. */
function watch({ limits }: Config, timeoutSeconds: number): Progress {
  return new Progress({
    clock: systemClock,
    deadlineAtMs: systemClock.now() + timeoutSeconds * 1000,
    retriesMax: limits.retry.max,
    redraws: canRedraw(process.stderr),
    sharesScreen: process.stdout.isTTY === true,
    write: (text) => process.stderr.write(text),
  });
}

interface Shown {
  readonly stopReason: string | null;
  /** The error's JSON; null where there is an answer. */
  readonly failure: Uint8Array | null;
}

async function showStream(response: Response, progress: Progress): Promise<Shown> {
  const shown = await readStream(response.body ?? [], (text) => {
    // A stream may open long before its first word: attempts that failed in between have been told of.
    progress.clear();
    process.stdout.write(text);
  });
  print('');
  return shown;
}

async function showText(response: Response): Promise<Shown> {
  const body = await response.text();
  if (!response.ok) return { stopReason: null, failure: Buffer.from(body) };
  const message = parseJson(body);
  // Answers in one piece are passed on as they come: that one is JSON to its depth is seen only by who reads it.
  if (message === undefined)
    return { stopReason: null, failure: errorEnvelope('api_error', 'The answer is not valid JSON.') };
  const { text, stopReason } = readMessage(message);
  print(text);
  return { stopReason, failure: null };
}

async function showJson(response: Response): Promise<Shown> {
  const body = await response.text();
  print(body);
  return { stopReason: null, failure: response.ok ? null : Buffer.from(body) };
}

export const command = defineCommand({
  name: 'send',
  options: {
    model: { kind: 'text', value: 'MODEL', about: 'who answers', default: 'claude-sonnet-5-5' },
    'max-tokens': { kind: 'whole', value: 'N', about: 'longest answer', min: 1, max: 1_000_000, default: 4096 },
    system: { kind: 'text', value: 'TEXT', about: 'system prompt' },
    stream: { kind: 'switch', about: 'print the text as it comes (on a terminal it does)' },
    upstream: {
      kind: 'text',
      value: 'URL|NAME',
      about: 'where to (default ANTHROPIC_BASE_URL, else the configuration)',
    },
    config: configOption,
    timeout: {
      kind: 'whole',
      value: 'SECONDS',
      about: 'how long it may try and wait for the upstream to recover',
      min: 1,
      max: callMsMax / 1000,
      default: 120,
    },
    json: { kind: 'switch', about: 'print the whole answer, or the error, as JSON' },
  },
  operands: { usage: '[TEXT|-]', min: 0, max: 1 },
  details:
    'Without TEXT, or with -, the text is read from standard input. The key is that of the\n' +
    'upstream, else ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN. Exit status 1 when there is no answer, 2 when the key is wrong.',
  async run({ options, operands }) {
    const access = apiAccess(options.upstream, options.config);
    const { config } = access;
    const headers = { ...access.headers, 'ridethrough-deadline': String(options.timeout) };
    const content = await textToSend(operands[0]);
    const stream = !options.json && (options.stream || process.stdout.isTTY === true);
    const { model, system, 'max-tokens': max_tokens } = options;
    const body = JSON.stringify({ model, max_tokens, system, stream, messages: [{ role: 'user', content }] });

    const progress = watch(config, options.timeout);
    const ride = ridethrough(libraryOptions(config, progress));
    let response: Response;
    let shown: Shown;
    try {
      response = await ride.fetch(`${config.upstream.url}/v1/messages`, { method: 'POST', headers, body });
      progress.clear();
      const show = stream && response.ok ? showStream : options.json ? showJson : showText;
      shown = await show(response, progress);
    } finally {
      // The answer is read before the engine has done with the call: only after this is it known what it took.
      await ride.close();
    }
    const { failure, stopReason } = shown;
    if (failure === null) {
      tell(stopReason, progress.ended);
      return 0;
    }
    note(describeFailure(response.status, failure, response.headers.get('request-id')));
    return failureStatus(response.status);
  },
});
