import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { aiMlClient } from '../src/aiMl.js';
import { startApp } from './support/app.js';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

/** An ai-ml that answers as told, on a real socket. */
async function appWithAiMl(listener: RequestListener, timeoutSeconds = 5) {
  server = createServer(listener).listen(0);
  await once(server, 'listening');
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  return startApp({ summarize: aiMlClient(url, timeoutSeconds) });
}

async function summary({ request }: ReturnType<typeof startApp>) {
  const { body } = await request.post('/api/documents').send({ title: 'a', text: 'One. Two.' });
  const { id } = body as { id: string };
  return { id, response: await request.post(`/api/documents/${id}/summary`).set('x-request-id', 'trace-1') };
}

const answer = (status: number, body: string): RequestListener => (_request, response) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
};

describe('the summary of a document', () => {
  it('comes from ai-ml, which gets the text and the request id', async () => {
    let received = '';
    let requestId: string | string[] | undefined;
    const app = await appWithAiMl((request, response) => {
      requestId = request.headers['x-request-id'];
      request.on('data', (part) => (received += String(part)));
      request.on('end', () => answer(200, '{"summary":"One.","sentences":1}')(request, response));
    });
    const { id, response } = await summary(app);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ id, summary: 'One.', sentences: 1 });
    expect(JSON.parse(received)).toEqual({ text: 'One. Two.' });
    expect(requestId).toBe('trace-1');
  });

  it.each([
    ['answers 500', answer(500, '{}')],
    ['answers without a summary', answer(200, '{"sentences":1}')],
    ['answers something that is not JSON', answer(200, 'oops')],
  ])('is answered 502 when ai-ml %s', async (_name, listener) => {
    const { response } = await summary(await appWithAiMl(listener));
    expect(response.status).toBe(502);
    expect(response.body).toMatchObject({ error: 'ai_ml_unavailable' });
  });

  it('is answered 502 when ai-ml is not reachable', async () => {
    const { response } = await summary(startApp({ summarize: aiMlClient('http://localhost:1', 5) }));
    expect(response.status).toBe(502);
  });

  it('is answered 502 when ai-ml does not answer in time, and ai-ml is not asked again', async () => {
    let asked = 0;
    const { response } = await summary(await appWithAiMl(() => void asked++, 0.2));
    expect(response.status).toBe(502);
    expect((response.body as { message: string }).message).toContain('no answer within 0.2 s');
    expect(asked).toBe(1);
  });

  it('survives one connection that ends without an answer', async () => {
    let asked = 0;
    const app = await appWithAiMl((request, response) => {
      if (asked++ === 0) request.socket.destroy();
      else answer(200, '{"summary":"One.","sentences":1}')(request, response);
    });
    const { response } = await summary(app);
    expect(response.status).toBe(200);
  });

  it('is answered 404 for a document that does not exist', async () => {
    await startApp().request.post('/api/documents/8f2b3f1e-0000-4000-8000-000000000000/summary').expect(404);
  });
});
