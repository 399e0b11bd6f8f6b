import { describe, expect, it } from 'vitest';
import { startApp } from './support/app.js';

describe('FAULT_ERROR_RATE', () => {
  it('answers the given share of the requests 500', async () => {
    let call = 0;
    const draws = [0.1, 0.29, 0.3, 0.9];
    const app = startApp({ faults: { errorRate: 0.3 }, random: () => draws[call++]! });
    const codes: number[] = [];
    while (codes.length < draws.length) codes.push((await app.request.get('/api/documents')).status);
    expect(codes).toEqual([500, 500, 200, 200]);
  });

  it('says in the answer that it was injected', async () => {
    const { body } = await startApp({ faults: { errorRate: 1 } }).request.get('/api/documents');
    expect(body).toMatchObject({ error: 'injected_fault' });
  });

  it('is counted under the pattern of the route', async () => {
    const { request } = startApp({ faults: { errorRate: 1 } });
    await request.get('/api/documents/1').expect(500);
    const { text } = await request.get('/metrics').expect(200);
    expect(text).toContain('_count{method="GET",route="/api/documents/:id",code="500"} 1');
  });

  it('spares health checks and metrics', async () => {
    const { request } = startApp({ faults: { errorRate: 1 } });
    for (const path of ['/health/live', '/health/ready', '/metrics']) await request.get(path).expect(200);
  });
});

describe('FAULT_LATENCY_MS', () => {
  it('delays requests and is measured with them, but not health checks', async () => {
    const { request, lines } = startApp({ faults: { latencyMs: 120 } });
    await request.get('/api/documents').expect(200);
    expect(lines[0]?.['durationMs']).toBeGreaterThanOrEqual(118);
    const startedAt = performance.now();
    await request.get('/health/ready').expect(200);
    expect(performance.now() - startedAt).toBeLessThan(100);
  });
});

describe('FAULT_NEVER_READY', () => {
  it('keeps the service alive but never ready, and logs why', async () => {
    const { request, lines } = startApp({ faults: { neverReady: true } });
    await request.get('/health/live').expect(200);
    await request.get('/health/ready').expect(503);
    await request.get('/health/ready').expect(503);
    expect(lines[0]).toMatchObject({ level: 'warn', msg: 'not ready', reason: 'FAULT_NEVER_READY is set' });
  });
});
