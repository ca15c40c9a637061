/** One family of figures, as Prometheus reads it; every `Figure` is one. */
export interface Family {
  /** Without `ridethrough_`. */
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  read(): readonly Sample[];
}

/** One value of a family. */
export interface Sample {
  /** Of a histogram: `_bucket`, `_sum` or `_count`; default none. */
  readonly suffix?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The media type of what `renderFamilies` writes. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The text that Prometheus scrapes.
 * @see Prometheus, "Exposition formats", text-based format 0.0.4
 */
export function renderFamilies(families: readonly Family[]): string {
  return families.map(renderFamily).join('\n');
}

function renderFamily({ name, help, kind, read }: Family): string {
  const full = `ridethrough_${name}`;
  const lines = [`# HELP ${full} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`, `# TYPE ${full} ${kind}`];
  for (const { suffix = '', labels, value } of read()) {
    lines.push(`${full}${suffix}${labelsText(labels)} ${numberText(value)}`);
  }
  return `${lines.join('\n')}\n`;
}

function labelsText(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
