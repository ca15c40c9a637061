import type { Notice } from './alert.ts';
import { detailOf, headline, markOf, shownOf } from './words.ts';

/** What Slack's incoming webhooks take. */
export interface SlackMessage {
  /** Shown in notifications, and where blocks are not understood. */
  readonly text: string;
  readonly blocks: ReadonlyArray<{ readonly type: 'section'; readonly text: { type: 'mrkdwn'; text: string } }>;
}

const icons = { opened: ':red_circle:', updated: ':large_orange_circle:', resolved: ':large_green_circle:' };

/**
 * The notice as a message for Slack, and for whatever else takes its format.
 * @see docs.slack.dev, "Block Kit": at most 50 blocks, 3,000 characters in a section
 */
export function slackMessage(notice: Notice): SlackMessage {
  const { shown, hidden } = shownOf(notice);
  const sections = shown.map((line) => {
    const link = line.link === null ? '' : `\n<${escaped(line.link)}|More>`;
    return `${icons[line.change]} *${markOf(line)}: ${escaped(line.title)}*\n${escaped(detailOf(line))}${link}`;
  });
  if (hidden > 0) sections.push(`And ${hidden} more: \`ridethrough status\` shows them all.`);
  return {
    text: escaped(headline(notice)),
    blocks: sections.map((text) => ({ type: 'section', text: { type: 'mrkdwn', text } })),
  };
}

/** "Slack uses the ampersand and angle brackets as control characters": a title could otherwise call everybody. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
