import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Result } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WAIT_MS = 20_000;

/** Why browser tests cannot run here; false when they can. */
export const skipWithoutBrowser =
  CHROMIUM === undefined ? 'there is no Chromium: apt-get install chromium' : false;

export interface Profile {
  scheme?: 'light' | 'dark';
  width?: number;
  height?: number;
}

/** Debian's Chromium, and what its pages complained about. */
export interface TestBrowser extends Stoppable {
  /** A page in a fresh profile: no cookie, nothing remembered. */
  open(profile?: Profile): Promise<Page>;
  /** what pages wrote to the console as errors, or threw, since the last time this was asked */
  complaints(): string[];
}

/** Starts Chromium without a window. */
export async function startBrowser(): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const complaints: string[] = [];
  const contexts = new Set<BrowserContext>();
  return {
    open: async ({ scheme = 'light', width = 1440, height = 900 } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: scheme,
        timezoneId: 'Europe/Berlin',
        reducedMotion: 'reduce',
      });
      context.setDefaultTimeout(WAIT_MS);
      contexts.add(context);
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
      return page;
    },
    complaints: () => complaints.splice(0),
    stop: () => browser.close(),
  };
}

/** Signs in as a person does who has a token. */
export async function signIn(
  page: Page,
  { origin, token }: { origin: string; token: string },
  path = '/',
): Promise<void> {
  await page.goto(`${origin}/console${path}`);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

/** What axe-core finds on the page as it is: WCAG 2.2 AA and its own best practices. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as {
    violations: Result[];
  };
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
  );
  assert.deepEqual(found, [], what);
}

/** Nothing makes the page itself wider than the screen. */
export async function assertFits(page: Page, what: string): Promise<void> {
  const wider = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  assert.equal(wider, 0, `${what} is ${wider} px wider than the screen`);
}
