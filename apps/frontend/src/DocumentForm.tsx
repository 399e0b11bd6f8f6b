import { useState, type ChangeEvent, type SyntheticEvent } from 'react';
import { createDocument, type DocumentHead } from './api';
import { ErrorMessage } from './ErrorMessage';

const TEXT_LIMIT = 200_000;
const TITLE_LIMIT = 200;

interface Props {
  readonly onAdded: (document: DocumentHead) => void;
}

export function DocumentForm({ onAdded }: Props) {
  const [title, setTitle] = useState('');
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const readFile = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    if (file === undefined) return;
    // A character takes up to four bytes in UTF-8.
    if (file.size > 4 * TEXT_LIMIT) {
      setError(`${file.name} is too large: a text may have ${TEXT_LIMIT.toLocaleString()} characters.`);
      return;
    }
    try {
      setText(await file.text());
      setTitle((typed) => typed || file.name.slice(0, TITLE_LIMIT));
      setError(null);
    } catch {
      setError(`${file.name} could not be read.`);
    }
  };

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (title.trim() === '' || text.trim() === '') {
      setError('Give the document a title and a text.');
      return;
    }
    setBusy(true);
    try {
      onAdded(await createDocument(title, text));
      setTitle('');
      setText('');
      setError(null);
    } catch (reason) {
      setError((reason as Error).message);
    } finally {
      setBusy(false);
    }
  };

  return (
    <section aria-labelledby="add">
      <h2 id="add">Add a document</h2>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <label>
          <span>Title</span>
          <input value={title} maxLength={TITLE_LIMIT} required onChange={(event) => setTitle(event.target.value)} />
        </label>
        <label>
          <span>Text</span>
          <textarea value={text} rows={8} maxLength={TEXT_LIMIT} required onChange={(event) => setText(event.target.value)} />
        </label>
        <label>
          <span>Or take the text from a file</span>
          <input type="file" accept=".txt,.md,text/plain,text/markdown" onChange={(event) => void readFile(event)} />
        </label>
        <ErrorMessage message={error} />
        <button type="submit" disabled={busy}>
          {busy ? 'Adding…' : 'Add document'}
        </button>
      </form>
    </section>
  );
}
