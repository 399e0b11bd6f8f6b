import type { RequestHandler } from 'express';

/** The path is the pattern under which the request is measured and logged. */
export interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly handle: RequestHandler;
}
