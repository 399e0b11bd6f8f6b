import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Config } from './config.js';
import { INJECTED_FAULT, injectFault } from './faults.js';
import type { StaticFile } from './files.js';
import { sendJson, setSecurityHeaders } from './headers.js';
import { sendLive, sendReady } from './health.js';
import type { Logger } from './log.js';
import { createMetrics, type Metrics } from './metrics.js';
import { findAnswer } from './page.js';

export interface Dependencies {
  readonly config: Config;
  readonly files: ReadonlyMap<string, StaticFile>;
  readonly log: Logger;
  readonly random?: () => number;
}

export function createHandler({ config, files, log, random }: Dependencies): RequestListener {
  const metrics = createMetrics();
  return (request, response) => {
    // Not new URL(): "//" at the start of a path would be read as a host.
    const path = (request.url ?? '/').split('?', 1)[0]!;
    setSecurityHeaders(response);
    if (path === '/health/live') return sendLive(config, response);
    if (path === '/health/ready') return sendReady(config, log, response);
    if (path === '/metrics') return sendMetrics(metrics, response);

    const answer = findAnswer(files, request, path);
    observe(request, response, answer.route, metrics, log);
    void injectFault(config.faults, random).then((fail) => {
      if (fail) sendJson(response, 500, INJECTED_FAULT);
      else answer.send(request, response);
    });
  };
}

function sendMetrics(metrics: Metrics, response: ServerResponse): void {
  void metrics.registry.metrics().then((text) => {
    response.writeHead(200, { 'content-type': metrics.registry.contentType, 'cache-control': 'no-store' });
    response.end(text);
  });
}

/** Measures and logs a request under its route pattern, whatever answers it. */
function observe(request: IncomingMessage, response: ServerResponse, route: string, metrics: Metrics, log: Logger): void {
  const startedAt = performance.now();
  const method = request.method ?? 'GET';
  const requestId = randomUUID();
  response.setHeader('x-request-id', requestId);
  response.once('close', () => {
    // 499: the client went away before the answer.
    const code = response.writableFinished ? response.statusCode : 499;
    const durationMs = performance.now() - startedAt;
    metrics.observe(method, route, code, durationMs / 1000);
    log[code >= 500 ? 'error' : 'info'](
      { requestId, method, route, code, durationMs: Math.round(durationMs) },
      'request',
    );
  });
}
