import type { DocumentHead } from './api';

interface Props {
  readonly documents: readonly DocumentHead[];
  readonly selectedId: string | null;
  readonly onSelect: (id: string) => void;
}

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function DocumentList({ documents, selectedId, onSelect }: Props) {
  if (documents.length === 0) return <p>There is no document yet. Add the first one above.</p>;
  return (
    <ul className="documents">
      {documents.map(({ id, title, createdAt }) => (
        <li key={id}>
          <button type="button" aria-pressed={id === selectedId} onClick={() => onSelect(id)}>
            <span>{title}</span>
            <time dateTime={createdAt}>{DATE.format(new Date(createdAt))}</time>
          </button>
        </li>
      ))}
    </ul>
  );
}
