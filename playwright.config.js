import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'e2e/browser',
  globalSetup: './e2e/browser/setup.js',
  outputDir: 'test-results',
  reporter: 'list',
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  // Patient, since the machine may be busy; what has a bar of its own says it in the test.
  expect: { timeout: 15_000, toPass: { timeout: 15_000, intervals: [50, 100, 100, 250] } },
  use: {
    browserName: 'chromium',
    actionTimeout: 15_000,
    viewport: { width: 800, height: 600 },
    launchOptions: {
      // Debian's own: nothing is downloaded.
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--no-proxy-server',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
