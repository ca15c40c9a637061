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

/** Our figures in relation to those of another; null where one of them is not known. */
export interface Relation {
  readonly requests: number | null;
  /** The same for what a second of the proxy's processor time does: steady also where others use the machine. */
  readonly requestsPerCpu: number | null;
  readonly events: number | null;
  readonly eventsPerCpu: number | null;
  readonly bytesPerStream: number | null;
}

export interface Ratios {
  /** To each proxy that was measured beside us. */
  readonly to: Partial<Record<TargetName, Relation>>;
  /** Over the direct way, milliseconds. */
  readonly addedP50Ms: number;
  readonly addedP99Ms: number;
  readonly addedEventDelayP50Ms: number;
  readonly addedEventDelayP99Ms: number;
}

/** Whom we compare ourselves with, as far as they are there. */
const others: readonly TargetName[] = ['nginx', 'plain', 'bare'];

function figuresOf(all: ReadonlyMap<TargetName, Figures>, name: TargetName): Figures {
  const figures = all.get(name);
  if (figures === undefined) throw new Error(`${name} was not measured`);
  return figures;
}

export function ratiosOf(all: ReadonlyMap<TargetName, Figures>): Ratios {
  const [direct, ours] = [figuresOf(all, 'direct'), figuresOf(all, 'ours')];
  const measured = others.filter((name) => all.has(name));
  return {
    to: Object.fromEntries(measured.map((name) => [name, relation(ours, figuresOf(all, name))])),
    addedP50Ms: ours.latencyP50Ms - direct.latencyP50Ms,
    addedP99Ms: ours.latencyP99Ms - direct.latencyP99Ms,
    addedEventDelayP50Ms: ours.eventDelayP50Ms - direct.eventDelayP50Ms,
    addedEventDelayP99Ms: ours.eventDelayP99Ms - direct.eventDelayP99Ms,
  };
}

function relation(ours: Figures, other: Figures): Relation {
  const of = (mine: number | null, theirs: number | null) => (mine === null || theirs === null ? null : mine / theirs);
  return {
    requests: of(ours.requestsPerSecond, other.requestsPerSecond),
    requestsPerCpu: of(ours.requestsPerCpuSecond, other.requestsPerCpuSecond),
    events: of(ours.eventsPerSecond, other.eventsPerSecond),
    eventsPerCpu: of(ours.eventsPerCpuSecond, other.eventsPerCpuSecond),
    bytesPerStream: of(ours.bytesPerStream, other.bytesPerStream),
  };
}

const titles: Record<TargetName, string> = {
  direct: 'no proxy',
  nginx: 'nginx, connections kept',
  plain: 'nginx, `proxy_pass` alone',
  bare: 'bare pass-through',
  ours: 'ridethrough',
  recorded: 'with its ledger',
};

const round = (value: number | null, digits = 0) =>
  value === null ? '–' : value.toLocaleString('en', { maximumFractionDigits: digits });
const pair = (first: number, second: number) => `${round(first, 2)} / ${round(second, 2)}`;
const ratio = (value: number | null | undefined) => value?.toFixed(2) ?? '–';

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
    ...relationRows(ratios),
    '',
    `Added to a request, p50 / p99: ${pair(ratios.addedP50Ms, ratios.addedP99Ms)} ms; ` +
      `to an event: ${pair(ratios.addedEventDelayP50Ms, ratios.addedEventDelayP99Ms)} ms.`,
  ].join('\n');
}

const relations: readonly (readonly [keyof Relation, string])[] = [
  ['requests', 'requests/s'],
  ['requestsPerCpu', 'requests per CPU second'],
  ['events', 'events/s'],
  ['eventsPerCpu', 'events per CPU second'],
  ['bytesPerStream', 'memory a stream'],
];

function relationRows({ to }: Ratios): string[] {
  const names = others.filter((name) => to[name] !== undefined);
  const cells = (key: keyof Relation) => names.map((name) => ratio(to[name]?.[key])).join(' | ');
  return [
    `| ridethrough in relation to | ${names.map((name) => titles[name]).join(' | ')} |`,
    `|${'---|'.repeat(names.length + 1)}`,
    ...relations.map(([key, title]) => `| ${title} | ${cells(key)} |`),
  ];
}
