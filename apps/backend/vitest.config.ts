import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/compile.ts'],
    testTimeout: 15_000,
    reporters: ['default', ['junit', { outputFile: 'reports/junit.xml', suiteName: 'backend' }]],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // main.ts only runs in the spawned processes of process.test.ts, which v8 does not follow.
      exclude: ['src/main.ts'],
      reportsDirectory: 'reports/coverage',
      reporter: ['text-summary', 'lcovonly', 'cobertura'],
      thresholds: { lines: 85, branches: 80 },
    },
  },
});
