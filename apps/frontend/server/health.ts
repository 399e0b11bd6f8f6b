import type { ServerResponse } from 'node:http';
import { SERVICE, type Config } from './config.js';
import { sendJson } from './headers.js';
import type { Logger } from './log.js';

export function sendLive({ version }: Config, response: ServerResponse): void {
  sendJson(response, 200, { status: 'ok', service: SERVICE, version });
}

export function sendReady(config: Config, log: Logger, response: ServerResponse): void {
  if (!config.faults.neverReady) {
    sendLive(config, response);
    return;
  }
  const reason = 'FAULT_NEVER_READY is set';
  log.warn({ reason }, 'not ready');
  sendJson(response, 503, { status: 'unavailable', service: SERVICE, version: config.version, reason });
}
