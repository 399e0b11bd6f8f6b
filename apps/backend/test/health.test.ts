import { describe, expect, it } from 'vitest';
import { memoryStore } from '../src/store/memory.js';
import { startApp } from './support/app.js';

const OK = { status: 'ok', service: 'backend', version: '1.2.3' };

describe('health', () => {
  it.each(['/health/live', '/health/ready'])('%s answers ok with service and version', async (path) => {
    const { body } = await startApp().request.get(path).expect(200);
    expect(body).toEqual(OK);
  });

  it('is alive but not ready while the store does not answer', async () => {
    const store = { ...memoryStore(), check: () => Promise.reject(new Error('connection refused')) };
    const { request, lines } = startApp({ store });
    await request.get('/health/live').expect(200);
    const { body } = await request.get('/health/ready').expect(503);
    expect((body as { reason: string }).reason).toContain('connection refused');
    expect(lines).toContainEqual(expect.objectContaining({ level: 'warn', msg: 'not ready' }));
  });
});
