import type { ErrorRequestHandler } from 'express';
import type { Logger } from './log.js';

/** An answer other than success, in the one shape that all routes use. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** body-parser throws its own errors with a status: malformed JSON, a body that is too large. */
function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const status = (error as { status?: unknown }).status;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    if (status === 413) return new HttpError(413, 'body_too_large', 'the body is larger than 1 MB; shorten the text');
    return new HttpError(status, 'invalid_body', 'the body could not be read; send JSON as application/json');
  }
  return new HttpError(500, 'internal_error', 'something went wrong on our side; try again later', { cause: error });
}

export function errorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const answer = toHttpError(error);
    if (answer.status >= 500) log.error({ err: answer.cause ?? answer, requestId: response.locals['requestId'] as unknown }, answer.message);
    response.status(answer.status).json({ error: answer.code, message: answer.message });
  };
}
