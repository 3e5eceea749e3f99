import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['test/support/browser/build-dashboard.ts', 'test/support/firestore/one-emulator.ts'],
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Two cores: more workers would only make the real processes that the tests start wait for each other.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    allowOnly: false,
    coverage: {
      provider: 'v8',
      include: ['src/core/**'],
      exclude: ['**/*.test.ts'],
      reporter: ['text-summary'],
      thresholds: { branches: 100, functions: 100 },
    },
  },
});
