/** Each wait is drawn from its value ± this share, so that many gateways do not come at once. */
export const jitterShare = 0.2;
/** While no address answers, the wait doubles up to this. */
export const intervalMsMax = 900_000;
/** One address has this long for its whole answer. */
export const lookMsMax = 10_000;
/** The page has some 20 kB; a month of incidents with all their texts stays below this. */
export const pageBytesMax = 2 * 2 ** 20;
/** A delivery of the page's webhook has a few kilobytes. */
export const webhookBytesMax = 256 * 1024;
/** Of each list of a page so many entries are read: whoever serves the page must not fill our memory. */
export const entriesMax = 100;
/** Texts of the page are kept up to this length. */
export const charactersMax = 500;
/** Incidents are remembered after their end, so that an old word about one does not open it again. */
export const incidentsRememberedMax = 500;
/** What was last seen, or heard of by webhook, less than this ago still holds where the page says otherwise: it is cached at its edge. */
export const wordHoldsMs = 120_000;
/** The first look comes this long after the start: who serves for a few seconds only need not ask anybody. */
export const firstLookMs = 5_000;
