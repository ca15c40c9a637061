import type { AlertLine, Notice } from './alert.ts';
import { linesShownMax } from './limits.ts';

const marks: Readonly<Record<AlertLine['change'], string>> = { opened: 'NEW', updated: 'UPDATE', resolved: 'RESOLVED' };

/** The notice in one line: `NEW: anthropic/claude-opus-5-5 is down (and 2 more)`. */
export function headline({ lines, omitted }: Notice): string {
  const [first] = lines;
  if (first === undefined) return 'Nothing is new.';
  const others = lines.length - 1 + omitted;
  return `${markOf(first)}: ${first.title}${others === 0 ? '' : ` (and ${others} more)`}`;
}

/** How one alert is announced: `NEW`, `UPDATE`, `RESOLVED`. */
export function markOf({ change }: AlertLine): string {
  return marks[change];
}

/** What stands below the title of an alert: its text, and since when. */
export function detailOf({ text, sinceMs }: AlertLine): string {
  return [text, `Since ${utc(sinceMs)}.`].filter((part) => part !== '').join(' ');
}

/** The alerts that a message shows, and how many it does not. */
export function shownOf({ lines, omitted }: Notice): { readonly shown: readonly AlertLine[]; readonly hidden: number } {
  const shown = lines.slice(0, linesShownMax);
  return { shown, hidden: lines.length - shown.length + omitted };
}

/** The whole notice as plain text, for mail. */
export function plainText(notice: Notice): string {
  const { shown, hidden } = shownOf(notice);
  const paragraphs = shown.map((line) => {
    return [`${markOf(line)}: ${line.title}`, detailOf(line), line.link].filter((part) => part !== null).join('\n');
  });
  if (hidden > 0) paragraphs.push(`And ${hidden} more: \`ridethrough status\` shows them all.`);
  return `${paragraphs.join('\n\n')}\n`;
}

/** `2026-01-01 12:00 UTC`: readers of one alert sit in many time zones. */
function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
