export interface DocumentHead {
  readonly id: string;
  readonly title: string;
  readonly createdAt: string;
}

export interface FullDocument extends DocumentHead {
  readonly text: string;
}

export interface Summary {
  readonly id: string;
  readonly summary: string;
  readonly sentences: number;
}

/** An error whose message can be shown to the reader as it is. */
export class ApiError extends Error {}

const TIMEOUT_MS = 15_000;

export const listDocuments = (): Promise<DocumentHead[]> => call('GET', '/api/documents');

export const readDocument = (id: string): Promise<FullDocument> => call('GET', `/api/documents/${encodeURIComponent(id)}`);

export const createDocument = (title: string, text: string): Promise<DocumentHead> =>
  call('POST', '/api/documents', { title, text });

export const summarizeDocument = (id: string): Promise<Summary> =>
  call('POST', `/api/documents/${encodeURIComponent(id)}/summary`);

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new ApiError('The server could not be reached. Check your connection and try again.', { cause });
  }
  // A gateway in between answers with a page of its own, not with JSON.
  const answer = (await response.json().catch(() => null)) as unknown;
  if (response.ok && answer !== null) return answer as T;
  const { message } = (answer ?? {}) as { message?: unknown };
  throw new ApiError(typeof message === 'string' ? sentence(message) : `The server answered with status ${response.status}.`);
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
