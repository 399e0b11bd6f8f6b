import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { startService, type ServiceProcess } from './support/serviceProcess.js';

let service: ServiceProcess;
afterEach(() => void service.child.kill('SIGKILL'));

describe('the service as a process', () => {
  it('listens, logs JSON with its version, and exits 0 on SIGTERM', async () => {
    service = startService({ SERVICE_VERSION: '1.2.3' });
    const response = await fetch(`${await service.url()}/health/ready`);
    expect(await response.json()).toEqual({ status: 'ok', service: 'backend', version: '1.2.3' });
    service.child.kill('SIGTERM');
    expect(await service.exitCode).toBe(0);
    expect(service.lines.at(-1)).toMatchObject({ level: 'info', service: 'backend', version: '1.2.3', msg: 'shut down' });
  });

  it('finishes an open request after SIGTERM and takes no new one', async () => {
    service = startService({ FAULT_LATENCY_MS: '600' });
    const url = await service.url();
    const open = fetch(`${url}/api/documents`);
    await sleep(150);
    service.child.kill('SIGTERM');
    await service.line('shutting down');
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
    expect((await open).status).toBe(200);
    expect(await service.exitCode).toBe(0);
  });

  it('exits 1 with a log line after FAULT_CRASH_AFTER_SECONDS', async () => {
    service = startService({ FAULT_CRASH_AFTER_SECONDS: '0.5' });
    expect((await fetch(`${await service.url()}/health/ready`)).status).toBe(200);
    expect(await service.exitCode).toBe(1);
    expect(service.lines.at(-1)).toMatchObject({ level: 'fatal', msg: expect.stringContaining('FAULT_CRASH_AFTER_SECONDS') as string });
  });

  it('listens only after FAULT_START_DELAY_SECONDS', async () => {
    service = startService({ FAULT_START_DELAY_SECONDS: '1' });
    const announced = await service.line('FAULT_START_DELAY_SECONDS');
    const listening = await service.line('listening');
    const waitedMs = Date.parse(String(listening['time'])) - Date.parse(String(announced['time']));
    expect(waitedMs).toBeGreaterThanOrEqual(990);
  });

  it('exits 0 on SIGTERM while it still waits to listen', async () => {
    service = startService({ FAULT_START_DELAY_SECONDS: '60' });
    await service.line('FAULT_START_DELAY_SECONDS');
    service.child.kill('SIGTERM');
    expect(await service.exitCode).toBe(0);
  });

  it('does not start with a wrong configuration, and says what is wrong', async () => {
    service = startService({ FAULT_ERROR_RATE: '30%' });
    expect(await service.exitCode).toBe(1);
    expect(service.lines[0]?.['problems']).toEqual([expect.stringContaining('FAULT_ERROR_RATE: expected a number')]);
  });

  it('exits 1 when its port is taken', async () => {
    const other = createServer().listen(0);
    await once(other, 'listening');
    service = startService({ PORT: String((other.address() as AddressInfo).port) });
    expect(await service.exitCode).toBe(1);
    expect(service.lines.at(-1)?.msg).toContain('cannot listen on port');
    other.close();
  });
});
