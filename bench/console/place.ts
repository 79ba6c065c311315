import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { createApp } from '../../libs/http/app.ts';
import { listen } from '../../libs/http/listen.ts';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { addBundleRoutes } from '../../services/api/console/bundle-routes.ts';
import { addAnswers } from './answers.ts';

/** The console's bundle behind its own headers, made-up answers, and Chromium. */
export interface ConsolePlace extends Stoppable {
  origin: string;
  /** a fresh profile each time */
  open(): Promise<{ page: Page; devtools: CDPSession }>;
}

export async function openConsolePlace(): Promise<ConsolePlace> {
  const app = createApp({
    logger: createLogger({ service: 'bench', level: 'silent' }),
    metrics: createMetrics('bench'),
    health: () => ({ ready: true, reasons: [] }),
  });
  addBundleRoutes(app);
  const stopAnswers = addAnswers(app);
  const port = await listen(app, { host: '127.0.0.1', port: 0 });
  const browser: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info'],
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    open: async () => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      return { page, devtools: await context.newCDPSession(page) };
    },
    stop: async () => {
      await browser.close();
      stopAnswers();
      await app.close();
    },
  };
}
