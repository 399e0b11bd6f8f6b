export function readBaseUrl(value: string | undefined): string {
  if (value && /^https?:\/\/[^/?#\s]+(\/[^?#\s]*)?$/.test(value)) return value.replace(/\/+$/, '');
  throw new Error(
    `BASE_URL: expected the gateway's http or https address without query, got "${value ?? ''}"; ` +
      'there is no default, so that nothing is loaded by accident: -e BASE_URL=http://localhost:30080',
  );
}

export function readSeed(value: string | undefined): number {
  if (!value) return 1;
  if (/^[0-9]{1,9}$/.test(value)) return Number(value);
  throw new Error(`SEED: expected a number of at most nine digits, got "${value}"`);
}
