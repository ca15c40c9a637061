/** From the first news to the notice: what goes wrong together is told together. */
export const gatherMs = 5_000;
/** Two notices are this far apart at least: nobody reads more than two a minute. */
export const noticeGapMs = 30_000;
/** An alert that is no worse than it was told is told again this much later at the earliest. */
export const updateGapMs = 300_000;
/** All has to be well for this long before an alert is resolved: at first, doubling each time it was not. */
export const restMs = { first: 60_000, largest: 1_800_000 } as const;
/** A subject that was well for this long has lived down its flapping. */
export const forgetMs = 3_600_000;
/** Subjects that are kept: callers name the models, so there must be an end to it. */
export const subjectsMax = 200;

/** A notice is tried this often at each target, in some ten minutes: alerts that are older mislead. */
export const deliveriesMax = 8;
/** Between two tries: this long at first, doubling up to the largest wait; half of it is drawn by chance. */
export const deliverAgainMs = { first: 5_000, largest: 300_000 } as const;
/** Notices that wait for one target; the oldest go. */
export const waitingNoticesMax = 50;
/** One delivery has this long; a mail, which is a conversation, is left after so much silence. */
export const deliveryMsMax = 15_000;
/** One mail has this long in all. */
export const mailMsMax = 60_000;

/** Alerts a message shows; the rest is counted. Slack takes 50 blocks, and refuses some 13,000 characters in all. */
export const linesShownMax = 10;
/** Characters of one alert's name, title and text: callers name the models, at any length. */
export const charactersMax = { subject: 300, title: 200, text: 600 } as const;

/** The queue is asked for its oldest item this often. */
export const queueLookMs = 30_000;
