import { RidethroughError } from '../../core/errors.ts';

/** How the status page of the simulator behaves. */
export interface StatusMode {
  readonly kind: StatusKind;
  /** The page says what was true this many milliseconds ago. */
  readonly lagMs: number;
}

/** What people call the behaviours, and what each of them is. */
export const statusKinds = {
  truthful: 'It tells of the outages that the scenario plays, as they begin and end.',
  lag: 'The same, so many seconds late: `lag:300`.',
  green: 'It says that all is well, whatever happens.',
  red: 'It tells of a major outage, whatever happens.',
  challenge: 'Status 405 and a page of the edge, for every client.',
  html: 'Status 200 and the page for people, where JSON was asked for.',
  slow: 'Its bytes trickle in, one at a time.',
  truncated: 'The JSON ends in its middle.',
} as const;

/** The name of a behaviour. */
export type StatusKind = keyof typeof statusKinds;

/**
 * Reads what a person wrote for a behaviour: `green`, `lag:300`.
 * @throws RidethroughError `invalid_usage` for anything else
 */
export function parseStatusMode(text: string): StatusMode {
  const [kind = '', seconds] = text.split(':', 2);
  const isLag = kind === 'lag' && /^\d{1,6}$/.test(seconds ?? '');
  if (isLag) return { kind: 'lag', lagMs: Number(seconds) * 1000 };
  if (kind !== 'lag' && seconds === undefined && Object.hasOwn(statusKinds, kind)) {
    return { kind: kind as StatusKind, lagMs: 0 };
  }
  const names = Object.keys(statusKinds).map((name) => (name === 'lag' ? 'lag:SECONDS' : name));
  throw new RidethroughError('invalid_usage', `A status page can be ${names.join(', ')}; "${text}" is none of them.`);
}
