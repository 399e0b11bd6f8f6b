import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { COMPILED } from './compile.js';

export type LogLine = Record<string, unknown> & { level: string; msg: string; port?: number };

export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly lines: LogLine[];
  readonly exitCode: Promise<number | null>;
  line(message: string): Promise<LogLine>;
  /** The base URL, once the service listens. */
  url(): Promise<string>;
}

/** Starts the compiled service as in its image; every line that it writes must be JSON. */
export function startService(env: Record<string, string> = {}, entry = 'main.js'): ServiceProcess {
  const child = spawn(process.execPath, [`${COMPILED}/${entry}`], {
    env: { PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: LogLine[] = [];
  const waiting: (() => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(JSON.parse(line) as LogLine);
    for (const wake of waiting.splice(0)) wake();
  });
  const line = async (message: string): Promise<LogLine> => {
    for (;;) {
      const found = lines.find(({ msg }) => msg.includes(message));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return {
    child,
    lines,
    exitCode: once(child, 'close').then(([code]) => code as number | null),
    line,
    url: async () => `http://localhost:${(await line('listening')).port}`,
  };
}
