import type { Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import { type Answer, type ApiRequest, jsonAnswer, refusalAnswer } from './answering.ts';
import { invalidRequest } from './refusals.ts';
import { Shelf } from './shelf.ts';

/** What the API tells about a file. */
interface FileMetadata {
  readonly id: string;
  readonly type: 'file';
  readonly filename: string;
  readonly mime_type: string;
  readonly size_bytes: number;
  readonly created_at: string;
  readonly downloadable: false;
}

/** Uploaded files in memory: what they are, not what is in them, for no upload may be downloaded again. */
export class Files {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #shelf = new Shelf<FileMetadata>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** @param rest path below `/v1/files`, in segments */
  async answer(
    request: ApiRequest,
    rest: readonly string[],
    query: URLSearchParams,
    requestId: string,
  ): Promise<Answer> {
    const [id, action] = rest;
    if (id === undefined) {
      if (request.method === 'POST') return this.#upload(request, requestId);
      const page = this.#shelf.page(query);
      return jsonAnswer({ ...page, next_page: page.has_more ? page.last_id : null });
    }
    const file = this.#shelf.get(id);
    if (file === undefined) {
      return refusalAnswer({ status: 404, type: 'not_found_error', message: `File not found: ${id}` }, requestId);
    }
    if (action === 'content') {
      return refusalAnswer(invalidRequest('This file is not downloadable: only files made by a tool are.'), requestId);
    }
    if (request.method !== 'DELETE') return jsonAnswer(file);
    this.#shelf.delete(id);
    return jsonAnswer({ id, type: 'file_deleted' });
  }

  async #upload(request: ApiRequest, requestId: string): Promise<Answer> {
    const file = await fileIn(request);
    if (file === null) return refusalAnswer(invalidRequest('file: Field required'), requestId);
    const metadata: FileMetadata = {
      id: `file_01${this.#random.id()}`,
      type: 'file',
      filename: file.name,
      mime_type: file.type || 'application/octet-stream',
      size_bytes: file.size,
      created_at: new Date(this.#clock.now()).toISOString(),
      downloadable: false,
    };
    this.#shelf.put(metadata.id, metadata);
    return jsonAnswer(metadata);
  }
}

/** The part named `file` of a multipart body; null where there is none or the body cannot be read. */
async function fileIn(request: ApiRequest): Promise<File | null> {
  const contentType = String(request.headers['content-type'] ?? '');
  try {
    const form = await new Response(Buffer.from(request.body), { headers: { 'content-type': contentType } }).formData();
    const file = form.get('file');
    return typeof file === 'string' ? null : file;
  } catch {
    return null;
  }
}
