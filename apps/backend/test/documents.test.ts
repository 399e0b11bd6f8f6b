import { describe, expect, it } from 'vitest';
import { startApp } from './support/app.js';

const DOCUMENT = { title: 'Minutes', text: 'We met. We agreed.' };

describe('documents', () => {
  it('stores a document and gives it back by its id', async () => {
    const { request } = startApp();
    const created = await request.post('/api/documents').send(DOCUMENT).expect(201);
    const { id } = created.body as { id: string };
    expect(created.body).toEqual({ id, title: 'Minutes', createdAt: expect.any(String) as string });
    expect(created.headers['location']).toBe(`/api/documents/${id}`);
    const found = await request.get(`/api/documents/${id}`).expect(200);
    expect(found.body).toEqual({ ...(created.body as object), text: DOCUMENT.text });
  });

  it('lists the newest document first and leaves the texts out', async () => {
    const { request } = startApp();
    await request.post('/api/documents').send({ title: 'first', text: 'a' });
    await request.post('/api/documents').send({ title: 'second', text: 'b' });
    const { body } = await request.get('/api/documents').expect(200);
    expect((body as { title: string }[]).map(({ title }) => title)).toEqual(['second', 'first']);
    expect(JSON.stringify(body)).not.toContain('text');
  });

  it.each(['8f2b3f1e-0000-4000-8000-000000000000', 'not-an-id'])('answers 404 for the unknown id %s', async (id) => {
    const { body } = await startApp().request.get(`/api/documents/${id}`).expect(404);
    expect(body).toEqual({ error: 'document_not_found', message: 'there is no document with this id' });
  });

  it.each([
    ['a missing title', { text: 'a' }, 'title'],
    ['a blank text', { title: 'a', text: '  ' }, 'text'],
    ['a text that is no text', { title: 'a', text: 7 }, 'text'],
    ['a title that is too long', { title: 'a'.repeat(201), text: 'a' }, 'title'],
    ['a NUL character', { title: 'a', text: 'a\0b' }, 'text'],
  ])('refuses %s and names the field', async (_name, document, field) => {
    const { body } = await startApp().request.post('/api/documents').send(document).expect(400);
    expect(body).toMatchObject({ error: 'invalid_document' });
    expect((body as { message: string }).message).toMatch(new RegExp(`^${field}: expected`));
  });

  it('refuses a body that is not JSON', async () => {
    const post = startApp().request.post('/api/documents').set('content-type', 'application/json');
    const { body } = await post.send('{').expect(400);
    expect(body).toMatchObject({ error: 'invalid_body' });
  });

  it('refuses a body above one megabyte', async () => {
    const { body } = await startApp()
      .request.post('/api/documents')
      .send({ title: 'a', text: 'a'.repeat(1_100_000) })
      .expect(413);
    expect(body).toMatchObject({ error: 'body_too_large' });
  });

  it('answers 404 as JSON for a path that it does not know', async () => {
    const { body } = await startApp().request.get('/api/nothing').expect(404);
    expect(body).toMatchObject({ error: 'not_found' });
  });

  it('answers 500 without details when the store fails, and logs them', async () => {
    const fails = () => Promise.reject(new Error('disk on fire'));
    const store = { create: fails, list: fails, find: fails, check: fails, close: fails };
    const { request, lines } = startApp({ store });
    const { text } = await request.get('/api/documents').expect(500);
    expect(text).not.toContain('disk');
    expect(JSON.stringify(lines)).toContain('disk on fire');
  });
});
