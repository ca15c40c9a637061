import type { Notice } from './alert.ts';

/** The notice as JSON for a webhook: everything, with instants as ISO 8601. */
export function webhookBody({ id, atMs, lines, omitted }: Notice): string {
  const alerts = lines.map(({ change, kind, subject, level, title, text, link, sinceMs }) => ({
    change,
    kind,
    subject,
    level,
    title,
    text,
    link,
    since: new Date(sinceMs).toISOString(),
  }));
  return JSON.stringify({ type: 'ridethrough.alert', id, timestamp: new Date(atMs).toISOString(), alerts, omitted });
}
