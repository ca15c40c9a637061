/** The whole queue holds so many times what one caller may: keys made up at random must not fill the disk. */
export const wholeQueueScopes = 4;
/** A lease ends this long after its last renewal: a gateway that died is noticed within it, and one that pauses for garbage is not. */
export const leaseMs = 60_000;
/** The table is looked at this often, and leases are renewed as often: lost writes lose none. */
export const pollMs = 5_000;
/** What was counted of a caller's items is believed this long. */
export const usageMs = 10_000;
/** An item that failed in passing comes again after this long at first, doubling up to the largest wait. */
export const againMs = { first: 5_000, largest: 600_000 } as const;
/** After a failure the drain of a lane pauses, in the same way. */
export const pauseMs = { first: 1_000, largest: 60_000 } as const;
/** Live traffic and drain together are given so many times the steady rate, which with all its chance stays within 1.2. */
export const rateFactor = 1.15;
/** The drain's part a second where that is more: a gateway with one caller a minute must be done before the work expires. */
export const drainPerSecondMin = 1;
/** Calls of the drain in flight, where the upstream has shown no limit: half of a hundred. */
export const inFlightMax = 50;
/** Results are read in pages of this many. */
export const resultsPage = 100;
/** Work of the priority `batch` is left to offload, at half the price, for so long before the drain takes it. */
export const offloadHeldMs = 600_000;
/** Items are put in groups of this many a statement, and so many bytes: a larger item goes alone. */
export const putGroup = { items: 500, bytes: 4 * 2 ** 20 } as const;
/** Credentials that are remembered, in memory only. */
export const credentialsMax = 1_000;
/** A finished item whose database is away is kept in memory, and written again after this long. */
export const settleAgainMs = 2_000;
/** Steady rates are learned in slices of this length. */
export const sliceMs = 10_000;
/** What one slice adds to what is known of the steady rate: a mean over some eight minutes. */
export const sliceWeight = 0.02;
/** After trouble so many slices go by before the rate is learned again: a crowd that was held up is no steady rate. */
export const calmSlices = 6;
/** The drain has so much of its rate in hand at most, in seconds, and pays for a crowd of live calls for so long. */
export const paceSeconds = { inHand: 1, owed: 10 } as const;
/** Batches whose gateway died before it ended them are looked for this often. */
export const repairMs = 60_000;
/** What has been kept long enough is looked for this often. */
export const purgeMs = 3_600_000;
/** Notices that are delivered at a time. */
export const noticesMax = 16;
/** What has been due for longer is not told any more: a webhook that is configured today hears nothing of last week. */
export const noticeAgeMs = 86_400_000;
/** While a notice is being delivered nobody else delivers it; longer than a delivery may take. */
export const noticeLeaseMs = 60_000;
/** When a gateway ends, deliveries that are under way have so much longer. */
export const noticeStopMs = 2_000;
/** A notice is delivered this often at most, over some ten hours: as long as a receiver may be down over night. */
export const noticeTriesMax = 14;
/** Between two deliveries of a notice: this long at first, doubling up to the largest wait. */
export const noticeAgainMs = { first: 10_000, largest: 3_600_000 } as const;
