import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { NO_FAULTS } from '../../server/faults.js';
import { runServer, type Lifecycle } from '../../server/lifecycle.js';
import { collectingLog } from './log.js';

async function start(listener: RequestListener, options: Partial<Lifecycle> = {}) {
  const { log, lines } = collectingLog();
  const signals = new EventEmitter();
  const server = createServer(listener);
  const exited = new Promise<number>((exit) => {
    runServer({ server, port: 0, faults: NO_FAULTS, log, signals, exit, ...options });
  });
  await once(server, 'listening');
  return { exited, signals, lines, url: `http://localhost:${(server.address() as AddressInfo).port}` };
}

describe('shutting down', () => {
  it('frees what the service holds before it exits 0, also when the signal comes twice', async () => {
    let closed = 0;
    const close = () => Promise.resolve(void closed++);
    const { exited, signals } = await start((_request, response) => response.end(), { close });
    signals.emit('SIGTERM');
    signals.emit('SIGTERM');
    expect(await exited).toBe(0);
    expect(closed).toBe(1);
  });

  it('does not wait for a connection that is kept open after its request', async () => {
    const { exited, signals, url } = await start((_request, response) => void setTimeout(() => response.end(), 200));
    const open = fetch(url);
    await new Promise((resolve) => setTimeout(resolve, 100));
    signals.emit('SIGTERM');
    expect((await open).status).toBe(200);
    expect(await exited).toBe(0);
  });

  it('cuts a request off at the timeout and exits 1', async () => {
    const { exited, signals, url, lines } = await start(() => undefined, { shutdownTimeoutMs: 100 });
    const open = fetch(url).catch(() => 'cut off');
    await new Promise((resolve) => setTimeout(resolve, 50));
    signals.emit('SIGTERM');
    expect(await exited).toBe(1);
    expect(await open).toBe('cut off');
    expect(JSON.stringify(lines)).toContain('cut off at the shutdown timeout');
  });

  it('exits 1 when something cannot be freed', async () => {
    const close = () => Promise.reject(new Error('still busy'));
    const { exited, signals } = await start((_request, response) => response.end(), { close });
    signals.emit('SIGTERM');
    expect(await exited).toBe(1);
  });

  it('exits 1 at the time given by FAULT_CRASH_AFTER_SECONDS', async () => {
    const faults = { ...NO_FAULTS, crashAfterSeconds: 0.05 };
    const { exited, lines } = await start((_request, response) => response.end(), { faults });
    expect(await exited).toBe(1);
    expect(lines.at(-1)).toMatchObject({ level: 'fatal' });
  });
});
