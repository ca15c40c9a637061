import { span } from '../../core/duration.ts';
import type { Explanation } from '../../diagnosis/explanation.ts';
import type { Verdict } from '../../diagnosis/verdict.ts';
import { labelled, type Paint, timeOfDay, wrap } from '../text.ts';

/** Fits 80 columns. */
const width = 79;

/** A verdict for people: plain words first, then why, what is being done, and what to do. */
export function verdictLines(verdict: Verdict, nowMs: number, paint: Paint): string[] {
  const { fault, confidence, sinceMs, summary, evidence, doing, advice } = verdict;
  const since = sinceMs === null ? '' : `, since ${timeOfDay(sinceMs)} (${span(nowMs - sinceMs)})`;
  const sure = fault === 'unclear' ? '' : ` (${Math.round(confidence * 100)} % sure${since})`;
  return [
    `${paint('bold', fault)}${sure}`,
    '',
    ...wrap(summary, width),
    '',
    ...evidence.flatMap(({ text }, index) => labelled(index === 0 ? 'Why' : '', text, width, paint)),
    ...labelled('Now', doing, width, paint),
    ...labelled('To do', advice, width, paint),
  ];
}

/** What became of a call, step by step. */
export function explanationLines({ id, summary, steps, end, advice }: Explanation, paint: Paint): string[] {
  const told = new Set<string>();
  const stepLines = steps.flatMap(({ n, afterMs, did, came, entry, requestId }) => {
    // What is known of a failure is told once, where it is met first.
    const isNew = entry !== null && !told.has(entry.id);
    if (entry !== null) told.add(entry.id);
    const head = `${n}. +${(afterMs / 1000).toFixed(1)}s`;
    return [
      '',
      ...labelled(head, did, width, paint),
      ...labelled('', came, width, paint),
      ...(entry === null ? [] : labelled('', `${entry.title}.${isNew ? ` ${entry.cause}` : ''}`, width, paint)),
      ...(isNew ? labelled('', `What is done about it: ${entry.tried}`, width, paint) : []),
      ...(requestId === null ? [] : labelled('', `request-id ${requestId}`, width, paint)),
    ];
  });
  const links = new Set(steps.flatMap(({ entry }) => (entry === null ? [] : [entry.link])));
  return [
    paint('bold', `Call ${id}`),
    ...wrap(summary, width),
    ...stepLines,
    '',
    ...labelled('End', end, width, paint),
    ...labelled('To do', advice, width, paint),
    ...[...links].flatMap((link, index) => labelled(index === 0 ? 'More' : '', link, width, paint)),
  ];
}
