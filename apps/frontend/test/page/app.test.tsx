// @vitest-environment jsdom
import { cleanup, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { App } from '../../src/App';
import { backend, type Backend } from './backend';

let api: Backend;
beforeEach(() => {
  api = backend();
  vi.stubGlobal('fetch', api.fetch);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

async function add(title: string, text: string): Promise<void> {
  const user = userEvent.setup();
  await user.type(screen.getByLabelText('Title'), title);
  await user.type(screen.getByLabelText('Text'), text);
  await user.click(screen.getByRole('button', { name: 'Add document' }));
}

describe('the list of documents', () => {
  it('says so when there is none', async () => {
    render(<App />);
    expect(screen.getByRole('status').textContent).toBe('Loading…');
    expect(await screen.findByText(/There is no document yet/)).toBeDefined();
  });

  it('shows what is stored', async () => {
    api.store('Minutes', 'We met.');
    render(<App />);
    const list = await screen.findByRole('list');
    expect(within(list).getByRole('button', { name: /Minutes/ })).toBeDefined();
  });

  it('says clearly that it could not be loaded, and loads when asked again', async () => {
    api.store('Minutes', 'We met.');
    api.failNext(() => Promise.reject(new TypeError('Failed to fetch')));
    render(<App />);
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('The server could not be reached.');
    await userEvent.click(within(alert).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('button', { name: /Minutes/ })).toBeDefined();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('names the status when a gateway answers with a page of its own', async () => {
    api.failNext(() => Promise.resolve(new Response('<h1>Bad Gateway</h1>', { status: 502 })));
    render(<App />);
    expect((await screen.findByRole('alert')).textContent).toContain('The server answered with status 502.');
  });
});

describe('adding a document', () => {
  it('puts it into the list, opens it and empties the form', async () => {
    render(<App />);
    await add('Minutes', 'We met.');
    expect(await screen.findByRole('heading', { name: 'Minutes' })).toBeDefined();
    const entry = within(screen.getByRole('list')).getByRole('button', { name: /Minutes/ });
    expect(entry.getAttribute('aria-pressed')).toBe('true');
    expect(screen.getByLabelText<HTMLInputElement>('Title').value).toBe('');
  });

  it('takes title and text from a file', async () => {
    render(<App />);
    const file = new File(['Text of the file.'], 'report.txt', { type: 'text/plain' });
    // jsdom has no File.text(), every browser has.
    file.text = () => Promise.resolve('Text of the file.');
    await userEvent.upload(screen.getByLabelText(/from a file/), file);
    await waitFor(() => expect(screen.getByLabelText<HTMLTextAreaElement>('Text').value).toBe('Text of the file.'));
    expect(screen.getByLabelText<HTMLInputElement>('Title').value).toBe('report.txt');
  });

  it('says that a file cannot be read', async () => {
    render(<App />);
    const file = new File(['gone'], 'gone.txt', { type: 'text/plain' });
    file.text = () => Promise.reject(new Error('NotReadableError'));
    await userEvent.upload(screen.getByLabelText(/from a file/), file);
    expect((await screen.findByRole('alert')).textContent).toBe('gone.txt could not be read.');
  });

  it('refuses a file that is too large', async () => {
    render(<App />);
    const file = new File(['a'.repeat(800_001)], 'large.txt', { type: 'text/plain' });
    await userEvent.upload(screen.getByLabelText(/from a file/), file);
    expect((await screen.findByRole('alert')).textContent).toContain('large.txt is too large');
  });

  it('asks for title and text before it sends anything', async () => {
    render(<App />);
    await screen.findByText(/There is no document yet/);
    await userEvent.click(screen.getByRole('button', { name: 'Add document' }));
    expect(screen.getByRole('alert').textContent).toBe('Give the document a title and a text.');
    expect(api.calls).toEqual(['GET /api/documents']);
  });

  it('keeps what was typed when the server refuses it, and shows why', async () => {
    render(<App />);
    await screen.findByText(/There is no document yet/);
    api.failNext(() => Promise.resolve(Response.json({ error: 'x', message: 'text: expected less' }, { status: 400 })));
    await add('Minutes', 'We met.');
    expect((await screen.findByRole('alert')).textContent).toBe('Text: expected less.');
    expect(screen.getByLabelText<HTMLTextAreaElement>('Text').value).toBe('We met.');
  });
});

describe('a document', () => {
  it('shows its text, and its summary when asked', async () => {
    api.store('Minutes', 'We met. We agreed.');
    render(<App />);
    await userEvent.click(await screen.findByRole('button', { name: /Minutes/ }));
    expect(await screen.findByText('We met. We agreed.')).toBeDefined();
    await userEvent.click(screen.getByRole('button', { name: 'Summarize' }));
    const summary = await screen.findByRole('region', { name: 'Summary' });
    expect(summary.textContent).toContain('Summary of Minutes.');
  });

  it('shows why there is no summary, and can ask again', async () => {
    api.store('Minutes', 'We met.');
    render(<App />);
    await userEvent.click(await screen.findByRole('button', { name: /Minutes/ }));
    const button = await screen.findByRole('button', { name: 'Summarize' });
    api.failNext(() => Promise.resolve(Response.json({ message: 'the summary service gave no summary' }, { status: 502 })));
    await userEvent.click(button);
    expect((await screen.findByRole('alert')).textContent).toBe('The summary service gave no summary.');
    await userEvent.click(button);
    expect(await screen.findByRole('region', { name: 'Summary' })).toBeDefined();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('says that it is gone when it is gone', async () => {
    api.store('Minutes', 'We met.');
    render(<App />);
    const entry = await screen.findByRole('button', { name: /Minutes/ });
    api.failNext(() => Promise.resolve(Response.json({ message: 'there is no document with this id' }, { status: 404 })));
    await userEvent.click(entry);
    expect((await screen.findByRole('alert')).textContent).toContain('There is no document with this id.');
  });
});
