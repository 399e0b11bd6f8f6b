import { describe, expect, it } from 'vitest';
import { NAVIGATION, start } from './service.js';

describe('health', () => {
  it.each(['/health/live', '/health/ready'])('%s answers ok with service and version', async (path) => {
    const { get } = await start();
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok', service: 'frontend', version: '1.2.3' });
  });
});

describe('metrics', () => {
  it('count a request under the pattern of its route', async () => {
    const { get, counts } = await start();
    await get('/');
    await get('/documents/secret', NAVIGATION);
    await get('/assets/index-abc.js');
    await get('/favicon.svg');
    await get('/secret.txt');
    expect(await counts()).toEqual([
      'http_request_duration_seconds_count{method="GET",route="/",code="200"} 2',
      'http_request_duration_seconds_count{method="GET",route="/assets/*",code="200"} 1',
      'http_request_duration_seconds_count{method="GET",route="/*",code="200"} 1',
      'http_request_duration_seconds_count{method="GET",route="unmatched",code="404"} 1',
    ]);
  });

  it('do not count health checks and scrapes, which would thin out the error rate', async () => {
    const { get, counts } = await start();
    await get('/health/ready');
    expect(await counts()).toEqual([]);
  });
});

describe('the request log', () => {
  it('has one line a request with route, code and duration, and not the path', async () => {
    const { get, lines } = await start();
    await get('/documents/secret', NAVIGATION);
    await expect.poll(() => lines.length).toBe(1);
    expect(lines[0]).toMatchObject({ level: 'info', service: 'frontend', msg: 'request', method: 'GET', route: '/', code: 200 });
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});

describe('FAULT_ERROR_RATE', () => {
  it('answers the given share of the requests 500, counted under their route', async () => {
    let call = 0;
    const draws = [0.1, 0.29, 0.3, 0.9];
    const { get, counts } = await start({ errorRate: 0.3 }, () => draws[call++]!);
    const codes: number[] = [];
    while (codes.length < draws.length) codes.push((await get('/')).status);
    expect(codes).toEqual([500, 500, 200, 200]);
    expect(await counts()).toContain('http_request_duration_seconds_count{method="GET",route="/",code="500"} 2');
  });

  it('spares health checks and metrics', async () => {
    const { get } = await start({ errorRate: 1 });
    for (const path of ['/health/live', '/health/ready', '/metrics']) expect((await get(path)).status).toBe(200);
    expect(await (await get('/')).json()).toMatchObject({ error: 'injected_fault' });
  });
});

describe('FAULT_LATENCY_MS', () => {
  it('delays requests and is measured with them, but not health checks', async () => {
    const { get, lines } = await start({ latencyMs: 150 });
    await get('/');
    await expect.poll(() => lines[0]?.['durationMs']).toBeGreaterThanOrEqual(148);
    const startedAt = performance.now();
    await get('/health/ready');
    expect(performance.now() - startedAt).toBeLessThan(140);
  });
});

describe('FAULT_NEVER_READY', () => {
  it('keeps the service alive but never ready, and logs why', async () => {
    const { get, lines } = await start({ neverReady: true });
    expect((await get('/health/live')).status).toBe(200);
    expect((await get('/health/ready')).status).toBe(503);
    expect((await get('/health/ready')).status).toBe(503);
    expect(lines[0]).toMatchObject({ level: 'warn', msg: 'not ready', reason: 'FAULT_NEVER_READY is set' });
  });
});
