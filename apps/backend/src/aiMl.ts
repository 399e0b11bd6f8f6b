import { HttpError } from './errors.js';

export interface Summary {
  readonly summary: string;
  readonly sentences: number;
}

export type Summarize = (text: string, requestId: string) => Promise<Summary>;

export function aiMlClient(baseUrl: string, timeoutSeconds: number): Summarize {
  const url = new URL('/summarize', baseUrl);
  const post = (text: string, requestId: string): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': requestId },
      body: JSON.stringify({ text }),
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });

  return async (text, requestId) => {
    try {
      // A kept connection may end under us while ai-ml is rolled out; asking again is safe, since
      // a summary changes nothing. An answer, even a bad one, is never asked for twice.
      const response = await post(text, requestId).catch((error: unknown) => {
        if (isTimeout(error)) throw error;
        return post(text, requestId);
      });
      if (!response.ok) throw new Error(`expected status 200, got ${response.status}`);
      return parseSummary(await response.json());
    } catch (error) {
      const reason = isTimeout(error) ? `no answer within ${timeoutSeconds} s` : 'it failed or is not reachable';
      throw new HttpError(502, 'ai_ml_unavailable', `the summary service gave no summary: ${reason}; try again later`, {
        cause: error,
      });
    }
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

function parseSummary(body: unknown): Summary {
  const { summary, sentences } = (body ?? {}) as Record<string, unknown>;
  if (typeof summary !== 'string' || typeof sentences !== 'number') {
    throw new Error('expected {summary: string, sentences: number} from /summarize, got something else');
  }
  return { summary, sentences };
}
