import type { Flow, Reply } from '../core/call.ts';
import type { ItemResult } from '../queue/queue.ts';

/** Lines are gathered to chunks of this size: a write for each would cost more than the line. */
const chunkBytes = 64 * 1024;

/**
 * Streams results as JSON lines, no faster than they are read. Where they cannot be read to their
 * end the connection breaks: half a file must not look like a whole one.
 */
export class ResultsStream implements Flow {
  readonly #reply: Reply;
  #resume: () => void = () => {};
  #aborted = false;

  constructor(reply: Reply) {
    this.#reply = reply;
  }

  async send(results: AsyncIterable<ItemResult>): Promise<void> {
    let chunk = '';
    try {
      for await (const { customId, result } of results) {
        if (this.#aborted) return;
        chunk += `{"custom_id":${JSON.stringify(customId)},"result":${result}}\n`;
        if (chunk.length < chunkBytes) continue;
        await this.#write(chunk);
        chunk = '';
      }
    } catch {
      if (!this.#aborted) this.#reply.destroy(new Error('the results could not be read to their end'));
      return;
    }
    if (this.#aborted) return;
    if (chunk !== '') this.#reply.write(Buffer.from(chunk));
    this.#reply.end();
  }

  resume(): void {
    this.#resume();
  }

  abort(): void {
    this.#aborted = true;
    this.#resume();
  }

  #write(chunk: string): Promise<void> {
    return new Promise((resolve) => {
      // Set first: a reader may have caught up before the write returns.
      this.#resume = resolve;
      if (this.#reply.write(Buffer.from(chunk))) resolve();
    });
  }
}
