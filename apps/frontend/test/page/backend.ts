/** The backend's API as far as the page uses it, in the memory of the test: jsdom has no server. */
export interface Backend {
  readonly fetch: typeof fetch;
  readonly calls: string[];
  store(title: string, text: string): void;
  /** The next call is answered by this. */
  failNext(answer: () => Promise<Response>): void;
}

interface Stored {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly createdAt: string;
}

export function backend(): Backend {
  const documents: Stored[] = [];
  const calls: string[] = [];
  let failure: (() => Promise<Response>) | null = null;

  const add = (title: string, text: string): Stored => {
    const document = { id: String(documents.length + 1), title, text, createdAt: '2026-01-02T03:04:05.000Z' };
    documents.unshift(document);
    return document;
  };
  const answer = (method: string, path: string, body: string): Response => {
    if (path === '/api/documents') {
      if (method === 'GET') return Response.json(documents);
      const { title, text } = JSON.parse(body) as Stored;
      return Response.json(add(title, text), { status: 201 });
    }
    const [, , , id, action] = path.split('/');
    const document = documents.find((candidate) => candidate.id === id);
    if (document === undefined) return Response.json({ message: 'there is no document with this id' }, { status: 404 });
    if (action === undefined) return Response.json(document);
    return Response.json({ id, summary: `Summary of ${document.title}.`, sentences: 1 });
  };

  return {
    calls,
    store: (title, text) => void add(title, text),
    failNext(next) {
      failure = next;
    },
    fetch: (input, init) => {
      const method = init?.method ?? 'GET';
      const path = input as string;
      calls.push(`${method} ${path}`);
      const fail = failure;
      failure = null;
      return fail === null ? Promise.resolve(answer(method, path, init?.body as string)) : fail();
    },
  };
}
