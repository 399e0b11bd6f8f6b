import type { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { activeFaults, type Faults } from './faults.js';
import type { Logger } from './log.js';

// Longer than the 90 s for which a Traefik gateway keeps an idle connection: the side that
// closes first must not be the server, else a request meets a closed socket.
const KEEP_ALIVE_TIMEOUT_MS = 95_000;
const SHUTDOWN_TIMEOUT_MS = 15_000;

export interface Lifecycle {
  readonly server: Server;
  readonly port: number;
  readonly faults: Faults;
  readonly log: Logger;
  /** Frees what the service holds, after the last request. */
  readonly close?: () => Promise<void>;
  readonly signals?: EventEmitter;
  readonly exit?: (code: number) => void;
  readonly shutdownTimeoutMs?: number;
}

export function runServer(options: Lifecycle): void {
  const { server, port, faults, log } = options;
  const exit = options.exit ?? ((code: number) => process.exit(code));
  const signals = options.signals ?? process;

  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.headersTimeout = KEEP_ALIVE_TIMEOUT_MS + 5_000;
  server.on('error', (error) => {
    log.fatal({ err: error }, `cannot listen on port ${port}; free it or set PORT`);
    exit(1);
  });
  const start = setTimeout(() => {
    server.listen(port, () => log.info({ port: (server.address() as AddressInfo).port }, 'listening'));
  }, faults.startDelaySeconds * 1000);

  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    clearTimeout(start);
    log.info({ signal }, 'shutting down: no new connections, open requests are finished');
    void drain(server, options.shutdownTimeoutMs ?? SHUTDOWN_TIMEOUT_MS)
      .then(async (finished) => {
        await options.close?.();
        if (!finished) log.error('open requests were cut off at the shutdown timeout');
        else log.info('shut down');
        exit(finished ? 0 : 1);
      })
      .catch((error: unknown) => {
        log.error({ err: error }, 'shutdown failed');
        exit(1);
      });
  };
  for (const signal of ['SIGTERM', 'SIGINT']) signals.on(signal, () => stop(signal));

  if (Object.keys(activeFaults(faults)).length > 0) log.warn({ faults: activeFaults(faults) }, 'faults are switched on');
  if (faults.crashAfterSeconds !== null) {
    const seconds = faults.crashAfterSeconds;
    setTimeout(() => {
      log.fatal(`FAULT_CRASH_AFTER_SECONDS: exiting with status 1 after ${seconds} s`);
      exit(1);
    }, seconds * 1000).unref();
  }
  if (faults.startDelaySeconds > 0) {
    log.warn(`FAULT_START_DELAY_SECONDS: opening the port in ${faults.startDelaySeconds} s`);
  }
}

/** True when every open request was finished in time. */
function drain(server: Server, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    // close() ends the connections that are idle now; those that become idle later are ours to end.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    let finished = true;
    const deadline = setTimeout(() => {
      finished = false;
      server.closeAllConnections();
    }, timeoutMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(deadline);
      resolve(finished);
    });
  });
}
