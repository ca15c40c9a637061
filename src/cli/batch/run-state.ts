import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { codeOf, RidethroughError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../wire/json.ts';

/** A batch that was sent, or was about to be. */
export interface SentGroup {
  /** Indices of its lines. */
  readonly lines: readonly number[];
  /** `Clock.now()` before it was sent. */
  readonly sentAtMs: number;
  /** null while it is not known whether it was made. */
  batchId: string | null;
}

/** What a run may not forget: a line of the state file. */
type Entry =
  | { readonly run: string }
  | { readonly sending: number; readonly lines: readonly number[]; readonly sentAtMs: number }
  | { readonly made: number; readonly batchId: string }
  | { readonly over: number };

/**
 * What a run has done so far, in two files beside its output: `.part` has the results, `.state` the
 * batches that were sent. Each line is on the disk before the run goes on, so a run that was broken
 * off goes on where it was, and asks for nothing twice.
 */
export class RunState {
  readonly #out: string;
  readonly #part: number;
  readonly #state: number;
  /** Custom ids with a result, and the type of it. */
  readonly done = new Map<string, string>();
  /** By number; those that are over are gone. */
  readonly groups = new Map<number, SentGroup>();
  #groupCount = 0;

  /**
   * @param out the file that the results will be in
   * @param input what the requests were read from
   * @throws RidethroughError `invalid_usage` when the files belong to another input, or cannot be made
   */
  constructor(out: string, input: Uint8Array) {
    this.#out = out;
    if (existsSync(out)) {
      throw new RidethroughError('invalid_usage', `${out} exists already: move it away, or name another with --out.`);
    }
    const run = createHash('sha256').update(input).digest('hex');
    for (const entry of linesOf(out, '.state')) this.#recall(entry as unknown as Entry, run);
    for (const result of linesOf(out, '.part')) this.#recallResult(result);
    this.#state = openToAppend(`${out}.state`);
    this.#part = openToAppend(`${out}.part`);
    // A line that was torn by a crash is no line: its result comes again.
    ftruncateSync(this.#part, wholeBytes(`${out}.part`).length);
    ftruncateSync(this.#state, wholeBytes(`${out}.state`).length);
    if (this.#groupCount === 0) this.#note({ run });
  }

  /** Must come before the batch is sent. @returns its number */
  sending(lines: readonly number[], sentAtMs: number): number {
    const number = ++this.#groupCount;
    this.#note({ sending: number, lines, sentAtMs });
    this.groups.set(number, { lines, sentAtMs, batchId: null });
    return number;
  }

  made(number: number, batchId: string): void {
    this.#note({ made: number, batchId });
    const group = this.groups.get(number);
    if (group !== undefined) group.batchId = batchId;
  }

  /** Nothing more will come of it: its results are kept, or it was never made. */
  over(number: number): void {
    this.#note({ over: number });
    this.groups.delete(number);
  }

  /** Keeps results. @param results id, type and JSON text of the `result` member */
  keep(results: readonly { readonly customId: string; readonly type: string; readonly json: string }[]): void {
    const fresh = results.filter(({ customId }) => !this.done.has(customId));
    const text = fresh.map(({ customId, json }) => `{"custom_id":${JSON.stringify(customId)},"result":${json}}\n`);
    append(this.#part, text.join(''));
    for (const { customId, type } of fresh) this.done.set(customId, type);
  }

  /** The results become the output, all at once. */
  complete(): void {
    this.close();
    renameSync(`${this.#out}.part`, this.#out);
    unlinkSync(`${this.#out}.state`);
  }

  close(): void {
    closeSync(this.#part);
    closeSync(this.#state);
  }

  #note(entry: Entry): void {
    append(this.#state, `${JSON.stringify(entry)}\n`);
  }

  #recall(entry: Entry, run: string): void {
    if ('run' in entry && entry.run !== run) {
      const message = `${this.#out}.state belongs to another input: delete it and ${this.#out}.part to begin anew.`;
      throw new RidethroughError('invalid_usage', message);
    }
    if ('sending' in entry) {
      this.groups.set(entry.sending, { lines: entry.lines, sentAtMs: entry.sentAtMs, batchId: null });
      this.#groupCount = Math.max(this.#groupCount, entry.sending);
    }
    const group = 'made' in entry ? this.groups.get(entry.made) : undefined;
    if (group !== undefined && 'batchId' in entry) group.batchId = entry.batchId;
    if ('over' in entry) this.groups.delete(entry.over);
  }

  #recallResult({ custom_id, result }: JsonObject): void {
    if (isJsonObject(result)) this.done.set(String(custom_id), String(result.type));
  }
}

function openToAppend(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    const message = `The file ${path} cannot be made (${codeOf(error)}): check its folder and permissions, or name another with --out.`;
    throw new RidethroughError('invalid_usage', message);
  }
}

/** Writes all of it or throws: a nearly full disk takes a part and says nothing, and the next line would join it. */
function append(file: number, text: string): void {
  if (text === '') return;
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } catch (error) {
    const message = `The results cannot be written (${codeOf(error)}): make room on the disk; the same command then goes on.`;
    throw new RidethroughError('invalid_usage', message);
  }
}

/** The file without what stands behind its last line break. */
function wholeBytes(path: string): Buffer {
  if (!existsSync(path)) return Buffer.alloc(0);
  const bytes = readFileSync(path);
  return bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
}

/** @throws RidethroughError `invalid_usage` where a line is not what a run wrote */
function linesOf(out: string, extension: '.state' | '.part'): JsonObject[] {
  const lines = wholeBytes(out + extension)
    .toString('utf8')
    .split('\n');
  return lines.flatMap((line, i) => {
    if (line === '') return [];
    const value = parseJson(line);
    if (isJsonObject(value)) return [value];
    const message = `Line ${i + 1} of ${out}${extension} is damaged: delete ${out}.state and ${out}.part to begin anew.`;
    throw new RidethroughError('invalid_usage', message);
  });
}
