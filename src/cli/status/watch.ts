import type { Environment } from '../../config/config.ts';
import { type Clock, wait } from '../../core/clock.ts';
import { paint, print } from '../output.ts';
import { fit, timeOfDay } from '../text.ts';
import { askStatus } from './ask.ts';
import type { StatusReport } from './report.ts';
import { Screen } from './screen.ts';
import { summaryLine } from './summary.ts';
import { viewLines } from './view.ts';

/** Often enough to follow an outage with one's eyes. */
const refreshMs = 1_000;
/** What a terminal that does not tell its size is taken for. */
const size = { columns: 80, rows: 24 };

export interface WatchOptions {
  readonly url: string;
  readonly env: Environment;
  readonly clock: Clock;
  /** Aborts when the watch is to end. */
  readonly signal: AbortSignal;
}

/** Draws the view on a terminal, again and again, until it is told to stop; then gives the terminal back. */
export async function watchOnTerminal(
  first: StatusReport,
  options: WatchOptions,
  out: NodeJS.WriteStream,
): Promise<void> {
  const { url, env, clock, signal } = options;
  const screen = new Screen(out);
  let report = first;
  let problem: string | null = null;
  const draw = () => {
    const { columns, rows } = { columns: out.columns || size.columns, rows: out.rows || size.rows };
    const lines = viewLines(report, { url, columns, rows: rows - 1, paint });
    const foot = problem === null ? paint('dim', fit('Ctrl-C ends', columns)) : paint('red', fit(problem, columns));
    screen.draw([...lines, ...Array<string>(Math.max(rows - 1 - lines.length, 0)).fill(''), foot]);
  };
  const onResize = () => {
    screen.resized();
    draw();
  };
  const onExit = () => screen.close();
  // Whatever ends the process, the terminal is given back.
  process.once('exit', onExit);
  out.on('resize', onResize);
  screen.open();
  draw();
  while (await wait(clock, refreshMs, signal)) {
    const asked = await askStatus(url, env, clock);
    problem = 'problem' in asked ? asked.problem : null;
    if ('report' in asked) report = asked.report;
    draw();
  }
  screen.close();
  out.off('resize', onResize);
  process.off('exit', onExit);
}

/** Prints a line whenever something has changed, for a log; or every report, as a line of JSON. */
export async function watchInLines(first: StatusReport, options: WatchOptions, json: boolean): Promise<void> {
  const { url, env, clock, signal } = options;
  let said = '';
  const say = (atMs: number, text: string) => {
    if (text !== said) print(`${timeOfDay(atMs)} ${text}`);
    said = text;
  };
  const tell = (report: StatusReport) => (json ? print(JSON.stringify(report)) : say(report.atMs, summaryLine(report)));
  tell(first);
  while (await wait(clock, refreshMs, signal)) {
    const asked = await askStatus(url, env, clock);
    if ('report' in asked) tell(asked.report);
    else if (!json) say(clock.now(), asked.problem);
  }
}
