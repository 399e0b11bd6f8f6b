import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Logger } from '../log.js';
import { LIST_LIMIT, type Document, type DocumentHead, type DocumentStore } from './documentStore.js';

const TIMEOUT_MS = 5_000;

// Two replicas that start at once both run this; the lock makes the second wait instead of
// failing on the catalogue's unique index, which IF NOT EXISTS does not prevent. Statements sent
// together are one transaction, which also frees the lock.
const SCHEMA = `
  SELECT pg_advisory_xact_lock(7265371);
  CREATE TABLE IF NOT EXISTS documents (
    id uuid PRIMARY KEY,
    sequence bigint GENERATED ALWAYS AS IDENTITY,
    title text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL
  );
  CREATE INDEX IF NOT EXISTS documents_newest_first ON documents (sequence DESC)`;

interface Row {
  id: string;
  title: string;
  body: string;
  created_at: Date;
}

export function postgresStore(databaseUrl: string, log: Logger): DocumentStore {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 10,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));

  // Made at the first use and tried again after a failure: the database may come up after us.
  let schema: Promise<unknown> | null = null;
  const query = async (sql: string, values: unknown[] = []): Promise<Row[]> => {
    schema ??= pool.query(SCHEMA).catch((error: unknown) => {
      schema = null;
      throw error;
    });
    await schema;
    return (await pool.query<Row>(sql, values)).rows;
  };

  return {
    async create({ title, text }) {
      const document = { id: randomUUID(), title, createdAt: new Date().toISOString() };
      await query('INSERT INTO documents (id, title, body, created_at) VALUES ($1, $2, $3, $4)', [
        document.id,
        title,
        text,
        document.createdAt,
      ]);
      return document;
    },
    async list() {
      const rows = await query(
        'SELECT id, title, created_at FROM documents ORDER BY sequence DESC LIMIT $1',
        [LIST_LIMIT],
      );
      return rows.map(head);
    },
    async find(id) {
      const [row] = await query('SELECT id, title, body, created_at FROM documents WHERE id = $1', [id]);
      return row === undefined ? null : ({ ...head(row), text: row.body } satisfies Document);
    },
    async check() {
      await query('SELECT 1');
    },
    close: () => pool.end(),
  };
}

function head(row: Row): DocumentHead {
  return { id: row.id, title: row.title, createdAt: row.created_at.toISOString() };
}
