import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { SERVICE, readConfig } from './config.js';
import { ConfigurationError } from './env.js';
import { loadFiles } from './files.js';
import { createHandler } from './handler.js';
import { runServer } from './lifecycle.js';
import { createLogger } from './log.js';

try {
  const config = readConfig(process.env);
  const log = createLogger(SERVICE, config.version);
  const files = await loadFiles(fileURLToPath(new URL('../public', import.meta.url)));
  const server = createServer(createHandler({ config, files, log }));
  runServer({ server, port: config.port, faults: config.faults, log });
} catch (error) {
  const problems = error instanceof ConfigurationError ? error.problems : [String(error)];
  createLogger(SERVICE, 'unknown').fatal({ problems }, 'not starting');
  process.exitCode = 1;
}
