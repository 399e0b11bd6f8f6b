export type Env = Readonly<Record<string, string | undefined>>;

export class ConfigurationError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigurationError';
  }
}

/** Reads typed values and keeps every problem, so that one start reports them all. */
export class EnvReader {
  readonly problems: string[] = [];

  constructor(private readonly env: Env) {}

  text(name: string, fallback: string): string {
    return this.raw(name) ?? fallback;
  }

  url(name: string, protocols: readonly string[]): string | null {
    const value = this.raw(name);
    if (value === undefined) return null;
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
    // The value is left out: a connection URL carries a password.
    this.report(name, `a URL that starts with ${protocols.join(' or ')}`, 'something else');
    return null;
  }

  number(name: string, fallback: number, min: number, max: number): number {
    const value = this.raw(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (Number.isFinite(number) && number >= min && number <= max) return number;
    this.report(name, `a number from ${min} to ${max}`, JSON.stringify(value));
    return fallback;
  }

  flag(name: string): boolean {
    const value = this.raw(name)?.toLowerCase();
    if (value === undefined || value === '0' || value === 'false') return false;
    if (value === '1' || value === 'true') return true;
    this.report(name, '1, true, 0 or false', JSON.stringify(value));
    return false;
  }

  throwOnProblems(): void {
    if (this.problems.length > 0) throw new ConfigurationError(this.problems);
  }

  private raw(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === '' ? undefined : value;
  }

  private report(name: string, expected: string, got: string): void {
    this.problems.push(`environment variable ${name}: expected ${expected}, got ${got}; correct it or unset it`);
  }
}
