import type { Clock, Timer } from '../core/clock.ts';
import { type Enrolled, Roster } from '../core/roster.ts';

/** How often uploads are looked at. */
export const sweepMs = 30_000;
/** What must arrive between two looks: 273 bytes a second, far below any line that works. */
export const sweepBytesMin = 8 * 1024;

/** A request body that is arriving. */
export interface Upload extends Enrolled {
  /** Received so far. */
  readonly bytes: number;
  /** At the last look; null when it was not hungry then, or is new. The watch's own. */
  bytesBefore: number | null;
  /** True while we wait for the caller; false while we hold it back because the upstream is slow. */
  readonly hungry: boolean;
  /** Called once, when the caller is too slow. */
  starved(): void;
}

/**
 * Ends uploads that trickle: a total time would punish the honest 500 MB file on a slow line, and
 * an idle timeout is kept alive by one byte. One timer serves all, and none runs while none is needed.
 */
export class UploadWatch {
  readonly #clock: Clock;
  readonly #uploads = new Roster<Upload>();
  #timer: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(upload: Upload): void {
    this.#uploads.add(upload);
    this.#timer ??= this.#clock.after(sweepMs, () => this.#sweep());
  }

  delete(upload: Upload): void {
    this.#uploads.delete(upload);
  }

  /** Stops the timer; for the end of the gateway. */
  close(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
  }

  #sweep(): void {
    for (const upload of this.#uploads.all()) {
      if (!upload.hungry) upload.bytesBefore = null;
      else if (upload.bytesBefore === null || upload.bytes - upload.bytesBefore >= sweepBytesMin) {
        upload.bytesBefore = upload.bytes;
      } else {
        this.#uploads.delete(upload);
        upload.starved();
      }
    }
    this.#timer = this.#uploads.size > 0 ? this.#clock.after(sweepMs, () => this.#sweep()) : null;
  }
}
