/** `queue` of the configuration, in the file's units. */
export interface QueueSettings {
  /** Seconds after which what is not done is given up. */
  readonly expires: number;
  /** Seconds after its creation for which a batch's results are kept. */
  readonly retention: number;
  /** What becomes of an attempt that may have been billed and whose answer was lost. */
  readonly unsure: 'resend' | 'quarantine';
  /** Attempts after which an item that fails in passing is given up. */
  readonly attempts: number;
  /** Open items of one caller. */
  readonly items: number;
  /** Megabytes of the open items of one caller. */
  readonly megabytes: number;
}
