/** `replies` of the configuration, in the file's units. */
export interface ReplySettings {
  /** Seconds for which an answer is kept under its key. */
  readonly retention: number;
  /** Megabytes of answers that are kept; the oldest go first. */
  readonly megabytes: number;
}

/** A larger answer is not kept: its key then protects calls in flight only. */
export const replyBytesMax = 16 * 2 ** 20;
/** Who has not renewed its lease for so long has crashed. */
export const leaseMs = 30_000;
/** Renewed three times in the life of a lease, so that one lost write loses none. */
export const renewMs = leaseMs / 3;
/** Another gateway's answer is looked for this often: hints of the store come sooner, and may get lost. */
export const pollMs = 1_000;
/** What is too old, or too much, is thrown away this often. */
export const purgeMs = 600_000;
