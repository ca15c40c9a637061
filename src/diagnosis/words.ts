import type { Entry } from './catalogue/entry.ts';
import type { Suspicion } from './suspects/suspicion.ts';
import type { Fault } from './verdict.ts';

/** The verdict in one sentence for somebody who knows neither the product nor the API. */
export function summaryOf({ fault, subject, confidence, failure }: Suspicion): string {
  const sure = confidence >= 0.8 ? '' : 'It looks as if ';
  const isGone = fault === 'this model' && failure?.class === 'model';
  const sentence = isGone ? `The provider has no model ${subject ?? ''} for this key.` : sentences[fault](subject);
  return sure === '' ? sentence : `${sure}${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
}

const sentences: Readonly<Record<Suspicion['fault'], (subject: string | null) => string>> = {
  'your request': (caller) =>
    `The API refuses requests${caller === null ? '' : ` of ${caller}`} as wrong in themselves; it serves others.`,
  'your account': () => 'The key, its permissions, its limits or the money behind it are what stops these calls.',
  'your network': () => 'The way from this machine to the API is broken, not the API.',
  'this model': (model) =>
    `The model ${model ?? ''} is in trouble at the provider; not you, and not the rest of the API.`.replace('  ', ' '),
  'this provider': (name) => `The provider ${name ?? ''} is in trouble, not one model and not you.`.replace('  ', ' '),
  'this gateway': (part) =>
    `This machine is what stops calls${part === null ? ': the gateway turns them away' : `: ${part}`}.`,
  'nothing is wrong': () => 'Calls are served.',
};

/** What the product is doing about it now. */
export function doingAbout(fault: Fault, entry: Entry | null): string {
  if (fault === 'nothing is wrong') return 'Nothing has to be done.';
  if (fault === 'this gateway') return 'It serves the most urgent calls first, and tells the others to come back.';
  if (entry !== null) return entry.tried;
  return 'It keeps asking: failed calls are tried again, and wait where that is used up.';
}

/** What a person should do. */
export function adviceFor(fault: Fault, entry: Entry | null): string {
  if (fault === 'nothing is wrong') return 'Nothing.';
  if (fault === 'this gateway')
    return 'Send less at once, or run more gateways; check the clock and the load of this machine.';
  if (fault === 'unclear')
    return 'Ask again in a minute, or run `ridethrough doctor`, which looks at each step of the way.';
  return entry?.advice ?? 'Run `ridethrough doctor`, which looks at each step of the way.';
}
