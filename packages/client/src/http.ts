import { abortable } from './timing.js';

export type Fetch = typeof globalThis.fetch;

export interface FetchedDocument {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

const DOCUMENT_TIMEOUT_MS = 5000;
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

/** A GET that follows no redirect: the address is a setting, and a token may go with it. */
export const get = (fetch: Fetch, url: string, headers: Record<string, string>, signal: AbortSignal) =>
  abortable(fetch(url, { headers, redirect: 'error', signal }), signal);

/** The pieces of a body as they arrive. Rejects with the signal's reason when it is given. */
export async function* chunksOf(response: Response, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await abortable(reader.read(), signal);
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/**
 * Fetches a whole document of bounded size in bounded time. Rejects where that fails; every status is an answer.
 *
 * @param closing - ends it early
 */
export async function fetchDocument(
  fetch: Fetch,
  url: string,
  headers: Record<string, string>,
  closing: AbortSignal,
): Promise<FetchedDocument> {
  const controller = new AbortController();
  const close = () => controller.abort(closing.reason);
  const late = () => controller.abort(new Error(`${url} has not answered within ${DOCUMENT_TIMEOUT_MS} ms`));
  const timer = setTimeout(late, DOCUMENT_TIMEOUT_MS);
  timer.unref();
  closing.addEventListener('abort', close);
  if (closing.aborted) close();
  try {
    const response = await get(fetch, url, headers, controller.signal);
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of chunksOf(response, controller.signal)) {
      length += chunk.length;
      if (length > MAX_DOCUMENT_BYTES) throw new Error(`${url} is too long`);
      chunks.push(chunk);
    }
    return { status: response.status, headers: response.headers, body: Buffer.concat(chunks) };
  } finally {
    clearTimeout(timer);
    closing.removeEventListener('abort', close);
  }
}
