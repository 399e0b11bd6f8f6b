import { EnvReader, type Env } from './env.js';
import { readFaults, type Faults } from './faults.js';

export const SERVICE = 'backend';

export interface Config {
  readonly port: number;
  readonly version: string;
  readonly aiMlUrl: string;
  readonly aiMlTimeoutSeconds: number;
  readonly databaseUrl: string | null;
  readonly redisUrl: string | null;
  readonly faults: Faults;
}

/** Throws a ConfigurationError that names every wrong variable. */
export function readConfig(variables: Env): Config {
  const env = new EnvReader(variables);
  const config: Config = {
    port: env.number('PORT', 3000, 0, 65_535),
    version: env.text('SERVICE_VERSION', 'development'),
    aiMlUrl: env.url('AI_ML_URL', ['http:', 'https:']) ?? 'http://localhost:8000',
    aiMlTimeoutSeconds: env.number('AI_ML_TIMEOUT_SECONDS', 5, 0.1, 60),
    databaseUrl: env.url('DATABASE_URL', ['postgres:', 'postgresql:']),
    redisUrl: env.url('REDIS_URL', ['redis:', 'rediss:']),
    faults: readFaults(env),
  };
  env.throwOnProblems();
  return config;
}
