import { abortable } from './timing.js';

export type Fetch = typeof globalThis.fetch;

export interface FetchedDocument {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

const DOCUMENT_TIMEOUT_MS = 5000;
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

/** Sends a GET that follows no redirect, because the address is a setting and the request may have a token. */
export const get = (fetch: Fetch, url: string, headers: Record<string, string>, signal: AbortSignal) =>
  abortable(fetch(url, { headers, redirect: 'error', signal }), signal);

/** Yields the pieces of a body as they arrive. Rejects with the signal's reason when it aborts. */
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
 * Fetches a whole document of bounded size in bounded time. Rejects where that fails; an answer with any status is a
 * success.
 *
 * @param closing - aborts the request
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
