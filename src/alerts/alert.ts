/** What an alert may be about. */
export type AlertKind = 'health' | 'incident' | 'breaker' | 'queue' | 'spending';

/** How bad it is; `ok` ends it. */
export type Level = 'ok' | 'warning' | 'critical';

/** What a source says about one subject at this moment. It says so again whenever that changes. */
export interface Signal {
  readonly kind: AlertKind;
  /** Names the subject among all: `incident p31zjtct2jer`. There is one alert a subject. */
  readonly subject: string;
  readonly level: Level;
  /** The subject's state in its own words: `down`, `identified 1767225600000`. Another one is news, other figures in the text are not. */
  readonly state: string;
  /** One short line: `anthropic/claude-opus-5-5 is down`. */
  readonly title: string;
  /** More about it in a sentence or two; empty where there is none. */
  readonly text: string;
  /** A page about it; null where there is none. */
  readonly link: string | null;
}

/** One alert in a notice. */
export interface AlertLine extends Signal {
  readonly change: 'opened' | 'updated' | 'resolved';
  /** When the trouble began, in milliseconds since the Unix epoch. */
  readonly sinceMs: number;
}

/** What goes out at one time: every alert that has something new, in one message. */
export interface Notice {
  /** Equal in every delivery of it, so that receivers can tell a repeated one. */
  readonly id: string;
  readonly atMs: number;
  /** Worst first; each subject once. */
  readonly lines: readonly AlertLine[];
  /** Subjects in trouble for which there was no room any more; 0 as a rule. */
  readonly omitted: number;
}
