import { Router } from 'express';
import type { Faults } from './faults.js';
import type { Logger } from './log.js';

export interface Health {
  readonly service: string;
  readonly version: string;
  readonly faults: Faults;
  readonly log: Logger;
  /** Rejects while the service cannot do its work. */
  readonly check: () => Promise<void>;
}

export function healthRoutes({ service, version, faults, log, check }: Health): Router {
  const ok = { status: 'ok', service, version };
  const router = Router();
  router.get('/health/live', (_request, response) => void response.json(ok));
  router.get('/health/ready', async (_request, response) => {
    let reason: string | null = null;
    if (faults.neverReady) reason = 'FAULT_NEVER_READY is set';
    else {
      // ai-ml is left out on purpose: without it, documents can still be stored and read.
      await check().catch((error: unknown) => (reason = `the document store does not answer: ${String(error)}`));
    }
    if (reason === null) {
      response.json(ok);
      return;
    }
    log.warn({ reason }, 'not ready');
    response.status(503).json({ status: 'unavailable', service, version, reason });
  });
  return router;
}
