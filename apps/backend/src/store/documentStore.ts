export interface NewDocument {
  readonly title: string;
  readonly text: string;
}

export interface DocumentHead {
  readonly id: string;
  readonly title: string;
  /** ISO 8601, UTC */
  readonly createdAt: string;
}

export interface Document extends DocumentHead {
  readonly text: string;
}

export interface DocumentStore {
  create(document: NewDocument): Promise<DocumentHead>;
  /** The newest first, at most LIST_LIMIT. */
  list(): Promise<DocumentHead[]>;
  find(id: string): Promise<Document | null>;
  /** Rejects while the store cannot answer. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export const LIST_LIMIT = 100;
