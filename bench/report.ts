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
  readonly requestsToBare: number | null;
  /** The same for what a second of the proxy's processor time does: steady also where others use the machine. */
  readonly requestsPerCpuToNginx: number | null;
  readonly requestsPerCpuToBare: number | null;
  readonly eventsToNginx: number | null;
  readonly eventsToBare: number | null;
  readonly eventsPerCpuToNginx: number | null;
  readonly eventsPerCpuToBare: number | null;
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
  const to = (other: Figures | undefined, figure: (figures: Figures) => number | null) => {
    const [mine, theirs] = [figure(ours), other === undefined ? null : figure(other)];
    return mine === null || theirs === null ? null : mine / theirs;
  };
  return {
    requestsToNginx: to(nginx, (figures) => figures.requestsPerSecond),
    requestsToBare: to(bare, (figures) => figures.requestsPerSecond),
    requestsPerCpuToNginx: to(nginx, (figures) => figures.requestsPerCpuSecond),
    requestsPerCpuToBare: to(bare, (figures) => figures.requestsPerCpuSecond),
    eventsToNginx: to(nginx, (figures) => figures.eventsPerSecond),
    eventsToBare: to(bare, (figures) => figures.eventsPerSecond),
    eventsPerCpuToNginx: to(nginx, (figures) => figures.eventsPerCpuSecond),
    eventsPerCpuToBare: to(bare, (figures) => figures.eventsPerCpuSecond),
    bytesPerStreamToBare: to(bare, (figures) => figures.bytesPerStream),
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
  recorded: 'with its ledger',
};

const round = (value: number | null, digits = 0) =>
  value === null ? '–' : value.toLocaleString('en', { maximumFractionDigits: digits });
const pair = (first: number, second: number) => `${round(first, 2)} / ${round(second, 2)}`;
const ratio = (value: number | null) => (value === null ? 'not measured' : value.toFixed(2));

function row(name: TargetName, figures: Figures): string {
  const cells = [
    titles[name],
    round(figures.requestsPerSecond),
    round(figures.requestsPerCpuSecond),
    pair(figures.latencyP50Ms, figures.latencyP99Ms),
    round(figures.eventsPerSecond),
    round(figures.eventsPerCpuSecond),
    pair(figures.eventDelayP50Ms, figures.eventDelayP99Ms),
    round(figures.bytesPerStream === null ? null : figures.bytesPerStream / 1024),
  ];
  return `| ${cells.join(' | ')} |`;
}

const headings = [
  '',
  'requests/s',
  'requests per CPU second',
  'latency p50 / p99, ms',
  'events/s',
  'events per CPU second',
  'delay of an event p50 / p99, ms',
  'KiB a stream',
];

/** The table and the ratios, as Markdown, so that they can be copied into docs/benchmarks.md. */
export function renderReport(all: ReadonlyMap<TargetName, Figures>, ratios: Ratios, machine: Machine): string {
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}; \`${machine.command}\``,
    ...machine.notes.map((note) => `Note: ${note}`),
    '',
    `| ${headings.join(' | ')} |`,
    `|${'---|'.repeat(headings.length)}`,
    ...[...all].map(([name, figures]) => row(name, figures)),
    '',
    '| ridethrough in relation to | nginx | the bare pass-through |',
    '|---|---|---|',
    `| requests/s | ${ratio(ratios.requestsToNginx)} | ${ratio(ratios.requestsToBare)} |`,
    `| requests per CPU second | ${ratio(ratios.requestsPerCpuToNginx)} | ${ratio(ratios.requestsPerCpuToBare)} |`,
    `| events/s | ${ratio(ratios.eventsToNginx)} | ${ratio(ratios.eventsToBare)} |`,
    `| events per CPU second | ${ratio(ratios.eventsPerCpuToNginx)} | ${ratio(ratios.eventsPerCpuToBare)} |`,
    `| memory a stream | | ${ratio(ratios.bytesPerStreamToBare)} |`,
    '',
    `Added to a request, p50 / p99: ${pair(ratios.addedP50Ms, ratios.addedP99Ms)} ms; ` +
      `to an event: ${pair(ratios.addedEventDelayP50Ms, ratios.addedEventDelayP99Ms)} ms.`,
  ].join('\n');
}
