import type { Clock, Timer } from '../../core/clock.ts';
import { canRedraw } from '../output.ts';

/** What is shown of a lane while it runs. */
export interface LaneProgress {
  readonly lane: string;
  readonly calls: number;
  readonly started: number;
  readonly whole: number;
  readonly failed: number;
}

/** Elsewhere than on a terminal a line every few seconds is enough. */
const redrawMs = { terminal: 200, plain: 5_000 };
const barWidth = 16;

/**
 * One lane in a line of at most `columns`. A line that wraps would be two to go back over, and a figure that is cut
 * is another figure: where there is no room for all of it, whole parts are left out, the least told first.
 */
export function progressLine(one: LaneProgress, columns: number): string {
  const ended = one.whole + one.failed;
  const bar = `${'#'.repeat(Math.round((barWidth * ended) / one.calls)).padEnd(barWidth, '.')} `;
  const count = `${ended}/${one.calls}`;
  const results = `  whole ${one.whole}  failed ${one.failed}`;
  const forms = [
    `${bar}${count}${results}  under way ${one.started - ended}`,
    `${bar}${count}${results}`,
    count + results,
    count,
  ];
  const lines = forms.map((form) => `${one.lane.padEnd(20)} ${form}`);
  return lines.find(({ length }) => length <= columns) ?? '';
}

/**
 * Shows lanes while they run: one line each, redrawn in place on a terminal, printed again elsewhere.
 * @returns a function that draws once more and stops
 */
export function showProgress(lanes: () => readonly LaneProgress[], out: NodeJS.WriteStream, clock: Clock): () => void {
  const redraws = canRedraw(out);
  let drawn = 0;
  const draw = () => {
    const lines = lanes().map((one) => progressLine(one, (out.columns || 1000) - 1));
    const back = redraws && drawn > 0 ? `\x1b[${drawn}A` : '';
    const clear = redraws ? '\x1b[2K' : '';
    out.write(`${back}${lines.map((text) => `${clear}${text}\n`).join('')}`);
    drawn = lines.length;
  };
  let timer: Timer;
  const tick = () => {
    draw();
    timer = clock.after(redraws ? redrawMs.terminal : redrawMs.plain, tick);
  };
  tick();
  return () => {
    clock.cancel(timer);
    draw();
  };
}
