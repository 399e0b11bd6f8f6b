import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { aiMlClient } from './aiMl.js';
import { createApp } from './app.js';
import { SERVICE, readConfig } from './config.js';
import { ConfigurationError } from './env.js';
import { runServer } from './lifecycle.js';
import { createLogger } from './log.js';
import { openStore } from './store/open.js';

try {
  const config = readConfig(process.env);
  const log = createLogger(SERVICE, config.version);
  const store = openStore(config, log);
  const summarize = aiMlClient(config.aiMlUrl, config.aiMlTimeoutSeconds);
  const app = createApp({ config, store, summarize, log });
  const server = createServer(app as RequestListener);
  runServer({ server, port: config.port, faults: config.faults, log, close: () => store.close() });
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  createLogger(SERVICE, 'unknown').fatal({ problems: error.problems }, 'the configuration is wrong; not starting');
  process.exitCode = 1;
}
