interface Props {
  readonly message: string | null;
  readonly onRetry?: () => void;
}

export function ErrorMessage({ message, onRetry }: Props) {
  if (message === null) return null;
  return (
    <div role="alert" className="error">
      <p>{message}</p>
      {onRetry && (
        <button type="button" className="plain" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
