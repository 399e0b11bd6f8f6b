import { useCallback, useEffect, useState } from 'react';
import { listDocuments, type DocumentHead } from './api';
import { DocumentForm } from './DocumentForm';
import { DocumentList } from './DocumentList';
import { DocumentView } from './DocumentView';
import { ErrorMessage } from './ErrorMessage';

export function App() {
  const [documents, setDocuments] = useState<DocumentHead[] | null>(null);
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);

  const load = useCallback(
    () =>
      listDocuments().then(
        (found) => {
          setDocuments(found);
          setError(null);
        },
        (reason: Error) => setError(reason.message),
      ),
    [],
  );
  useEffect(() => void load(), [load]);

  const added = (document: DocumentHead) => {
    setDocuments((known) => [document, ...(known ?? [])]);
    setSelectedId(document.id);
  };

  return (
    <>
      <header>
        <h1>DocuThinker</h1>
        <p>Keep a text, read its summary.</p>
      </header>
      <main>
        <div>
          <DocumentForm onAdded={added} />
          <section aria-labelledby="documents">
            <h2 id="documents">Documents</h2>
            <ErrorMessage message={error} onRetry={() => void load()} />
            {documents === null && error === null && <p role="status">Loading…</p>}
            {documents !== null && <DocumentList documents={documents} selectedId={selectedId} onSelect={setSelectedId} />}
          </section>
        </div>
        {/* The key gives each document a view of its own: no answer for one shows up under another. */}
        {selectedId !== null && <DocumentView key={selectedId} id={selectedId} />}
      </main>
    </>
  );
}
