import { describe, expect, it } from 'vitest';
import { startApp } from './support/app.js';

type App = ReturnType<typeof startApp>;

async function counts({ request }: App): Promise<string[]> {
  const { text } = await request.get('/metrics').expect(200).expect('content-type', /text\/plain/);
  return text.split('\n').filter((line) => line.startsWith('http_request_duration_seconds_count'));
}

describe('metrics', () => {
  it('count a request under the pattern of its route, not under its path', async () => {
    const app = startApp();
    await app.request.get('/api/documents/some-private-id');
    expect(await counts(app)).toEqual([
      'http_request_duration_seconds_count{method="GET",route="/api/documents/:id",code="404"} 1',
    ]);
  });

  it('count every unknown path under one label', async () => {
    const app = startApp();
    await app.request.get('/secret/one');
    await app.request.get('/secret/two');
    expect(await counts(app)).toEqual(['http_request_duration_seconds_count{method="GET",route="unmatched",code="404"} 2']);
  });

  it('do not count health checks and scrapes, which would thin out the error rate', async () => {
    const app = startApp();
    await app.request.get('/health/ready');
    await app.request.get('/metrics');
    expect(await counts(app)).toEqual([]);
  });

  it('use the agreed buckets', async () => {
    const app = startApp();
    await app.request.get('/api/documents');
    const { text } = await app.request.get('/metrics');
    const buckets = [...text.matchAll(/http_request_duration_seconds_bucket\{le="([^"]+)"/g)].map(([, le]) => le);
    expect(buckets).toEqual(['0.05', '0.1', '0.25', '0.5', '1', '2.5', '+Inf']);
  });
});

describe('the request log', () => {
  it('has one line a request with route, code, duration and the given request id', async () => {
    const { request, lines } = startApp();
    await request.get('/api/documents').set('x-request-id', 'trace-7').expect('x-request-id', 'trace-7');
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'info',
        service: 'backend',
        msg: 'request',
        requestId: 'trace-7',
        route: '/api/documents',
        code: 200,
        durationMs: expect.any(Number) as number,
      }),
    ]);
  });

  it('does not repeat a request id that could forge a log line', async () => {
    const { request, lines } = startApp();
    await request.get('/api/documents').set('x-request-id', 'a b"c');
    expect(JSON.stringify(lines)).not.toContain('a b');
  });
});
