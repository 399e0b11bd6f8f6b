import express, { type Express } from 'express';
import type { Summarize } from './aiMl.js';
import { SERVICE, type Config } from './config.js';
import { HttpError, errorHandler } from './errors.js';
import { healthRoutes } from './health.js';
import type { Logger } from './log.js';
import { UNMATCHED_ROUTE, createMetrics } from './metrics.js';
import { faultInjection, observe } from './observe.js';
import { documentRoutes } from './routes/documents.js';
import { summaryRoutes } from './routes/summary.js';
import type { DocumentStore } from './store/documentStore.js';

export interface Dependencies {
  readonly config: Pick<Config, 'version' | 'faults'>;
  readonly store: DocumentStore;
  readonly summarize: Summarize;
  readonly log: Logger;
  readonly random?: () => number;
}

export function createApp({ config, store, summarize, log, random }: Dependencies): Express {
  const app = express();
  const metrics = createMetrics();
  app.disable('x-powered-by');
  app.disable('etag');

  app.use(healthRoutes({ service: SERVICE, ...config, log, check: () => store.check() }));
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });

  // Faults come after the measuring and on each route, so that they count under the route's pattern.
  const faults = faultInjection(config.faults, random);
  const body = express.json({ limit: '1mb' });
  for (const route of [...documentRoutes(store), ...summaryRoutes(store, summarize)]) {
    app[route.method](route.path, observe(route.path, metrics, log), faults, body, route.handle);
  }
  app.use(observe(UNMATCHED_ROUTE, metrics, log), faults, () => {
    throw new HttpError(404, 'not_found', 'there is nothing at this path; see /api/documents');
  });
  app.use(errorHandler(log));
  return app;
}
