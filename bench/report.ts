import { cpus } from 'node:os';
import type { Figures, TargetName } from './measure.ts';
import { canPin, hasNginx } from './proxies.ts';

/** On what, and with which command, the figures were measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly system: string;
  readonly command: string;
  /** What a reader has to know about this run. */
  readonly notes: readonly string[];
}

export function describeMachine(quick: boolean): Machine {
  const notes: string[] = [];
  if (!hasNginx) notes.push('nginx is not on the PATH: measured without it.');
  if (!canPin) notes.push('taskset is not there: no process was bound to a core, so proxies may use several.');
  if (cpus().length < 2) notes.push('there is one core only: load, upstream and proxy take it from each other.');
  if (quick) notes.push('this was the quick run: its figures are rough.');
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    system: `${process.platform} ${process.arch}`,
    command: quick ? 'npm run bench -- --quick' : 'npm run bench',
    notes,
  };
}

/** Our figures in relation to the others'. */
export interface Ratios {
  /** null where nginx was not there. */
  readonly requestsToNginx: number | null;
  readonly requestsToBare: number;
  readonly eventsToNginx: number | null;
  readonly eventsToBare: number;
  readonly bytesPerStreamToBare: number | null;
  /** Over the direct way, milliseconds. */
  readonly addedP50Ms: number;
  readonly addedP99Ms: number;
  readonly addedEventDelayP50Ms: number;
  readonly addedEventDelayP99Ms: number;
}

function figuresOf(all: ReadonlyMap<TargetName, Figures>, name: TargetName): Figures {
  const figures = all.get(name);
  if (figures === undefined) throw new Error(`${name} was not measured`);
  return figures;
}

export function ratiosOf(all: ReadonlyMap<TargetName, Figures>): Ratios {
  const [direct, bare, ours] = [figuresOf(all, 'direct'), figuresOf(all, 'bare'), figuresOf(all, 'ours')];
  const nginx = all.get('nginx');
  return {
    requestsToNginx: nginx === undefined ? null : ours.requestsPerSecond / nginx.requestsPerSecond,
    requestsToBare: ours.requestsPerSecond / bare.requestsPerSecond,
    eventsToNginx: nginx === undefined ? null : ours.eventsPerSecond / nginx.eventsPerSecond,
    eventsToBare: ours.eventsPerSecond / bare.eventsPerSecond,
    bytesPerStreamToBare:
      ours.bytesPerStream === null || bare.bytesPerStream === null ? null : ours.bytesPerStream / bare.bytesPerStream,
    addedP50Ms: ours.latencyP50Ms - direct.latencyP50Ms,
    addedP99Ms: ours.latencyP99Ms - direct.latencyP99Ms,
    addedEventDelayP50Ms: ours.eventDelayP50Ms - direct.eventDelayP50Ms,
    addedEventDelayP99Ms: ours.eventDelayP99Ms - direct.eventDelayP99Ms,
  };
}

const titles: Record<TargetName, string> = {
  direct: 'no proxy',
  nginx: 'nginx',
  bare: 'bare pass-through',
  ours: 'ridethrough',
};

const round = (value: number, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits });
const kib = (bytes: number | null) => (bytes === null ? '–' : round(bytes / 1024));
const ratio = (value: number | null) => (value === null ? 'not measured' : value.toFixed(2));

/** The table and the ratios, as Markdown, so that they can be copied into docs/benchmarks.md. */
export function renderReport(all: ReadonlyMap<TargetName, Figures>, ratios: Ratios, machine: Machine): string {
  const rows = [...all].map(([name, figures]) => {
    const latency = `${round(figures.latencyP50Ms, 2)} / ${round(figures.latencyP99Ms, 2)}`;
    const delay = `${round(figures.eventDelayP50Ms, 2)} / ${round(figures.eventDelayP99Ms, 2)}`;
    const cells = [titles[name], round(figures.requestsPerSecond), latency, round(figures.eventsPerSecond), delay];
    return `| ${[...cells, kib(figures.bytesPerStream)].join(' | ')} |`;
  });
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}; \`${machine.command}\``,
    ...machine.notes.map((note) => `Note: ${note}`),
    '',
    '| | requests/s | latency p50 / p99, ms | events/s | delay of an event p50 / p99, ms | KiB a stream |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    `requests/s: ${ratio(ratios.requestsToNginx)} × nginx, ${ratio(ratios.requestsToBare)} × the bare pass-through`,
    `events/s: ${ratio(ratios.eventsToNginx)} × nginx, ${ratio(ratios.eventsToBare)} × the bare pass-through`,
    `memory a stream: ${ratio(ratios.bytesPerStreamToBare)} × the bare pass-through`,
    `added to a request: p50 ${round(ratios.addedP50Ms, 2)} ms, p99 ${round(ratios.addedP99Ms, 2)} ms`,
    `added to an event: p50 ${round(ratios.addedEventDelayP50Ms, 2)} ms, p99 ${round(ratios.addedEventDelayP99Ms, 2)} ms`,
  ].join('\n');
}
