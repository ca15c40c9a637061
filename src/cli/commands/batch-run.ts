import { systemClock } from '../../core/clock.ts';
import { ridethrough } from '../../index.ts';
import { configOption, jsonOption } from '../args.ts';
import { apiAccess } from '../authorize.ts';
import { BatchApi } from '../batch/api.ts';
import { showRun } from '../batch/progress.ts';
import { readBatchLines } from '../batch/read-lines.ts';
import { RecentRate } from '../batch/recent-rate.ts';
import { BatchRun } from '../batch/run.ts';
import { RunState } from '../batch/run-state.ts';
import { AnswerWatch } from '../batch/silence.ts';
import { defineCommand } from '../command.ts';
import { note, print } from '../output.ts';
import { ApiRefusal, failureStatus } from '../send/failure.ts';
import { libraryOptions } from '../send/library.ts';
import { abortOnEnd, statusOf } from '../signals.ts';
import { counted } from '../text.ts';

/** How many lines have which result. */
function countsOf(done: ReadonlyMap<string, string>): Record<string, number> {
  const counts: Record<string, number> = { succeeded: 0, errored: 0, canceled: 0 };
  for (const type of done.values()) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

export const command = defineCommand({
  name: 'batch run',
  options: {
    out: { kind: 'text', value: 'FILE', about: 'where the results go (default FILE.results.jsonl)' },
    live: { kind: 'switch', about: 'make no batches: ask for every line as a live call' },
    concurrency: { kind: 'whole', value: 'N', about: 'live calls at a time', min: 1, max: 1_000, default: 8 },
    upstream: {
      kind: 'text',
      value: 'URL|NAME',
      about: 'API or running gateway (default ANTHROPIC_BASE_URL, else the configuration)',
    },
    config: configOption,
    json: jsonOption,
  },
  operands: { usage: 'FILE.jsonl', min: 1, max: 1 },
  details:
    'Each line of FILE is {"custom_id": …, "params": {…}} as the Batches API takes it, or the params\n' +
    'alone. The results are lines as the API writes them, in any order. Broken off by Ctrl-C or a\n' +
    'crash, the same command goes on where it was. Exit status 0 only when every line succeeded.',
  async run({ options, operands: [file = ''] }) {
    const { lines, bytes } = readBatchLines(file);
    const { config, headers } = apiAccess(options.upstream, options.config);
    const out = options.out ?? `${file.replace(/\.jsonl$/, '')}.results.jsonl`;
    const state = new RunState(out, bytes);
    const startedAtMs = systemClock.now();
    const answers = new AnswerWatch(startedAtMs);
    const ride = ridethrough(libraryOptions(config, answers));
    const { signal, ended } = abortOnEnd();
    const api = new BatchApi(ride.fetch, config.upstream.url, headers, signal);
    const { live, concurrency } = options;
    const tell = (text: string) => note(`ridethrough: ${text}`);
    const run = new BatchRun({ api, state, lines, live, concurrency, clock: systemClock, signal, tell });

    const before = state.done.size;
    if (before > 0 || state.groups.size > 0) tell(`going on: ${before} of ${lines.length} lines are done.`);
    const total = lines.length;
    const rate = new RecentRate(before, startedAtMs);
    const progress = (nowMs: number) => {
      const done = state.done.size;
      return { total, done, perSecond: rate.perSecond(done, nowMs), doing: run.doing, silence: answers.silence(nowMs) };
    };
    const stop = showRun(progress, process.stderr, systemClock);
    try {
      await run.finish();
    } catch (error) {
      stop();
      state.close();
      if (!signal.aborted) {
        await ride.close();
        if (!(error instanceof ApiRefusal)) throw error;
        note(error.message);
        return failureStatus(error.status);
      }
      note(`ridethrough: ${state.done.size} of ${total} lines are done; the same command goes on from there.`);
      process.exit(statusOf(await ended));
    }
    stop();
    state.complete();
    await ride.close();
    const counts = countsOf(state.done);
    const summary = { out, lines: total, ...counts, batches: run.batchCount, live: run.liveCount };
    const inWords = Object.entries(counts).map(([type, count]) => `${count} ${type}`);
    print(options.json ? JSON.stringify(summary) : `${counted(total, 'line')}: ${inWords.join(', ')} → ${out}`);
    return counts.succeeded === total ? 0 : 1;
  },
});
