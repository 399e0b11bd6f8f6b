import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.js';
import { ConfigurationError } from '../src/env.js';
import { NO_FAULTS, activeFaults } from '../src/faults.js';

describe('the configuration', () => {
  it('has a default for everything, without faults', () => {
    expect(readConfig({})).toEqual({
      port: 3000,
      version: 'development',
      aiMlUrl: 'http://localhost:8000',
      aiMlTimeoutSeconds: 5,
      databaseUrl: null,
      redisUrl: null,
      faults: NO_FAULTS,
    });
  });

  it('reads every fault switch', () => {
    const { faults } = readConfig({
      FAULT_ERROR_RATE: '0.25',
      FAULT_LATENCY_MS: '300',
      FAULT_NEVER_READY: 'true',
      FAULT_CRASH_AFTER_SECONDS: '0',
      FAULT_START_DELAY_SECONDS: '2',
    });
    const expected = { errorRate: 0.25, latencyMs: 300, neverReady: true, crashAfterSeconds: 0, startDelaySeconds: 2 };
    expect(faults).toEqual(expected);
    expect(activeFaults(faults)).toEqual(expected);
  });

  it.each(['', '0', 'false'])('takes FAULT_NEVER_READY=%j as off', (value) => {
    expect(activeFaults(readConfig({ FAULT_NEVER_READY: value }).faults)).toEqual({});
  });

  it('reports every wrong variable at once, with what was expected', () => {
    const read = () => readConfig({ PORT: 'http', FAULT_ERROR_RATE: '2', FAULT_NEVER_READY: 'perhaps' });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(
      [
        'environment variable PORT: expected a number from 0 to 65535, got "http"; correct it or unset it',
        'environment variable FAULT_ERROR_RATE: expected a number from 0 to 1, got "2"; correct it or unset it',
        'environment variable FAULT_NEVER_READY: expected 1, true, 0 or false, got "perhaps"; correct it or unset it',
      ].join('\n'),
    );
  });

  it('does not print a wrong connection URL, which may hold a password', () => {
    const read = () => readConfig({ DATABASE_URL: 'mysql://user:hunter2@db/docs' });
    expect(read).toThrow('DATABASE_URL: expected a URL that starts with postgres:');
    expect(read).not.toThrow('hunter2');
  });
});
