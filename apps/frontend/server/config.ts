import { EnvReader, type Env } from './env.js';
import { readFaults, type Faults } from './faults.js';

export const SERVICE = 'frontend';

export interface Config {
  readonly port: number;
  readonly version: string;
  readonly faults: Faults;
}

/** Throws a ConfigurationError that names every wrong variable. */
export function readConfig(variables: Env): Config {
  const env = new EnvReader(variables);
  const config: Config = {
    port: env.number('PORT', 8080, 0, 65_535),
    version: env.text('SERVICE_VERSION', 'development'),
    faults: readFaults(env),
  };
  env.throwOnProblems();
  return config;
}
