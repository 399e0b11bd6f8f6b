import { useCallback, useEffect, useState } from 'react';
import { readDocument, summarizeDocument, type FullDocument } from './api';
import { ErrorMessage } from './ErrorMessage';

interface Props {
  readonly id: string;
}

export function DocumentView({ id }: Props) {
  const [document, setDocument] = useState<FullDocument | null>(null);
  const [summary, setSummary] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const load = useCallback(
    () =>
      readDocument(id).then(
        (found) => {
          setDocument(found);
          setError(null);
        },
        (reason: Error) => setError(reason.message),
      ),
    [id],
  );
  useEffect(() => void load(), [load]);

  const summarize = async () => {
    setBusy(true);
    setError(null);
    try {
      setSummary((await summarizeDocument(id)).summary);
    } catch (reason) {
      setError((reason as Error).message);
    } finally {
      setBusy(false);
    }
  };

  if (document === null) {
    return (
      <article aria-label="Document">
        <ErrorMessage message={error} onRetry={() => void load()} />
        {error === null && <p role="status">Loading…</p>}
      </article>
    );
  }
  return (
    <article aria-labelledby="title">
      <h2 id="title">{document.title}</h2>
      <button type="button" disabled={busy} onClick={() => void summarize()}>
        {busy ? 'Summarizing…' : 'Summarize'}
      </button>
      <ErrorMessage message={error} />
      <div aria-live="polite">
        {summary !== null && (
          <section className="summary" aria-labelledby="summary">
            <h3 id="summary">Summary</h3>
            <p>{summary === '' ? 'This text has no sentence to sum up.' : summary}</p>
          </section>
        )}
      </div>
      <h3>Text</h3>
      <p className="text">{document.text}</p>
    </article>
  );
}
