import type { Clock, Timer } from '../../core/clock.ts';
import { span } from '../../core/duration.ts';
import { canRedraw } from '../output.ts';
import { timeOfDay } from '../text.ts';
import type { Silence } from './silence.ts';

/** Elsewhere than on a terminal a line now and then is enough. */
const drawMs = { terminal: 250, plain: 5_000 };
const barWidth = 24;

/** How far a run is. */
export interface RunProgress {
  readonly total: number;
  readonly done: number;
  /** Results a second, lately. */
  readonly perSecond: number;
  /** What it waits for, in a few words. */
  readonly doing: string;
  /** null while the API answers. */
  readonly silence: Silence | null;
}

/**
 * One line: a bar, the count, the rate, and what remains at that rate. While the API does not answer: the count, since
 * when, and why, with what may be cut off at the end.
 */
export function progressLine({ total, done, perSecond, doing, silence }: RunProgress, nowMs: number): string {
  if (silence !== null && done < total) {
    const { sinceMs, failure } = silence;
    const since = `${timeOfDay(sinceMs)} (${span(nowMs - sinceMs)})`;
    return `${done}/${total}  no answer since ${since}, still trying: ${failure}`;
  }
  const bar = '#'.repeat(Math.floor((barWidth * done) / total)).padEnd(barWidth, '.');
  const rate = perSecond === 0 ? '' : `  ${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`;
  const left = perSecond === 0 || done === total ? '' : `  ${span(((total - done) / perSecond) * 1000)} left`;
  // At the end nothing is waited for: "live calls" would be said of a run that was all batches.
  return `[${bar}] ${done}/${total}${rate}${left}${done === total ? '' : `  ${doing}`}`;
}

/**
 * Shows a run while it goes on: redrawn in place on a terminal, a line each elsewhere, and there only what is new.
 * @returns draws once more, and stops
 */
export function showRun(
  progress: (nowMs: number) => RunProgress,
  out: Pick<NodeJS.WriteStream, 'write' | 'columns' | 'isTTY'>,
  clock: Clock,
): () => void {
  const redraws = canRedraw(out);
  let last = '';
  const draw = () => {
    const nowMs = clock.now();
    const line = progressLine(progress(nowMs), nowMs).slice(0, (out.columns || 1000) - 1);
    if (redraws) out.write(`\r\x1b[2K${line}`);
    else if (line !== last) out.write(`${line}\n`);
    last = line;
  };
  let timer: Timer;
  const tick = () => {
    timer = clock.after(redraws ? drawMs.terminal : drawMs.plain, () => {
      draw();
      tick();
    });
  };
  tick();
  return () => {
    clock.cancel(timer);
    draw();
    if (redraws) out.write('\n');
  };
}
