import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

/** Below node_modules: Node finds the packages from there, and no tool of the repository looks there. */
export const COMPILED = 'node_modules/.process-test';

/** Compiles the service once, for the tests that start it as a process of its own. */
export default function setup(): void {
  mkdirSync(`${COMPILED}/public`, { recursive: true });
  writeFileSync(`${COMPILED}/package.json`, '{"type":"module"}');
  // The server is tested, not the page: vite takes no part here.
  writeFileSync(`${COMPILED}/public/index.html`, '<title>page</title>');
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', `${COMPILED}/server`], {
    stdio: 'inherit',
  });
}
