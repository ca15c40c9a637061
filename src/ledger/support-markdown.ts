import type { SupportBundle } from './support.ts';

/** The bundle as a letter to the provider's support. */
export function supportMarkdown(bundle: SupportBundle): string {
  const { versions, calls, attempts, failedAttempts, billing, missing } = bundle;
  const lines = [
    '# Failed requests',
    '',
    `From ${bundle.since} to ${bundle.until}. Times are UTC. Keys, prompts and answers are not recorded, and so not in here.`,
    '',
    `- failed attempts at the API: ${failedAttempts}`,
    `- calls: ${pairs(calls) || 'none'}`,
    `- clients: ${pairs(bundle.clients) || 'none'}`,
    `- ridethrough ${versions.ridethrough}, Node ${versions.node}, ${versions.platform}`,
  ];
  if (billing.billed + billing.unknown > 0) lines.push(billingLine(billing));
  if (missing > 0) lines.push(`- rows that are missing, because more came than could be written: ${missing}`);
  lines.push('', '## By hour, model and class', '');
  lines.push(
    ...table(
      ['hour', 'model', 'class', 'attempts'],
      bundle.counts.map(({ hour, model, class: failure, attempts: count }) => [hour, model, failure, count]),
    ),
  );
  const which = attempts.length < failedAttempts ? `The newest ${attempts.length} of ${failedAttempts}` : 'All';
  lines.push('', `## ${which} failed attempts`, '');
  lines.push(
    ...table(
      ['time', 'request-id', 'model', 'status', 'error type', 'code'],
      attempts.map((attempt) => [
        attempt.at,
        [attempt.request_id, attempt.body_request_id].filter((id) => id !== null).join(' ') || 'none',
        attempt.model,
        attempt.status ?? 'none',
        attempt.type,
        attempt.code,
      ]),
    ),
  );
  return `${lines.join('\n')}\n`;
}

function billingLine({ billed, unknown, usd, unknownUsd }: SupportBundle['billing']): string {
  const told = `${billed} of them told what they were billed (USD ${usd.toFixed(4)} at list prices)`;
  const silent = `${unknown} broke without a word (USD ${unknownUsd.toFixed(4)} for what they sent, estimated)`;
  return `- attempts that may have been billed though their answers were lost: ${billed + unknown}; ${told}, ${silent}`;
}

function pairs(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function table(head: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string[] {
  const line = (cells: readonly (string | number | null)[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** A model is named by a caller, and must not end its cell. */
function cell(value: string | number | null): string {
  return value === null ? '' : String(value).replaceAll('|', '\\|');
}
