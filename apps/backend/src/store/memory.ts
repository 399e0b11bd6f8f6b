import { randomUUID } from 'node:crypto';
import { LIST_LIMIT, type Document, type DocumentHead, type DocumentStore } from './documentStore.js';

// A load test must not end in the out-of-memory killer: the oldest documents make room.
const CAPACITY = 1000;

export function memoryStore(capacity = CAPACITY): DocumentStore {
  const documents = new Map<string, Document>();
  return {
    create({ title, text }) {
      const document = { id: randomUUID(), title, text, createdAt: new Date().toISOString() };
      documents.set(document.id, document);
      for (const oldest of documents.keys()) {
        if (documents.size <= capacity) break;
        documents.delete(oldest);
      }
      return Promise.resolve(head(document));
    },
    list: () => Promise.resolve([...documents.values()].slice(-LIST_LIMIT).reverse().map(head)),
    find: (id) => Promise.resolve(documents.get(id) ?? null),
    check: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function head({ id, title, createdAt }: Document): DocumentHead {
  return { id, title, createdAt };
}
