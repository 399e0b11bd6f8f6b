import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { INJECTED_FAULT, injectFault, type Faults } from './faults.js';
import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';

/** Measures and logs a request under its route pattern, whatever answers it. */
export function observe(route: string, metrics: Metrics, log: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = process.hrtime.bigint();
    const requestId = acceptedId(request.get('x-request-id')) ?? randomUUID();
    response.locals['requestId'] = requestId;
    response.set('x-request-id', requestId);
    response.once('close', () => {
      // 499: the client went away before the answer.
      const code = response.writableFinished ? response.statusCode : 499;
      const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
      metrics.observe(request.method, route, code, seconds);
      log[code >= 500 ? 'error' : 'info'](
        { requestId, method: request.method, route, code, durationMs: Math.round(seconds * 1e3) },
        'request',
      );
    });
    next();
  };
}

export function faultInjection(faults: Faults, random?: () => number): RequestHandler {
  return async (_request, response, next) => {
    if (await injectFault(faults, random)) response.status(500).json(INJECTED_FAULT);
    else next();
  };
}

function acceptedId(id: string | undefined): string | null {
  return id !== undefined && /^[\w-]{1,64}$/.test(id) ? id : null;
}
