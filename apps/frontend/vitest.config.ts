import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: ['test/support/compile.ts'],
    testTimeout: 15_000,
    reporters: ['default', ['junit', { outputFile: 'reports/junit.xml', suiteName: 'frontend' }]],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.{ts,tsx}', 'server/**/*.ts'],
      // The two entry points: one runs in a browser, one in the spawned processes of process.test.ts.
      exclude: ['src/main.tsx', 'server/main.ts', '**/*.d.ts'],
      reportsDirectory: 'reports/coverage',
      reporter: ['text-summary', 'lcovonly', 'cobertura'],
      thresholds: { lines: 85, branches: 80 },
    },
  },
});
