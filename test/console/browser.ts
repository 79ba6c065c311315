import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Result } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';
import { until } from '../support/until.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Generous: the machine may be busy with other tests. */
const WAIT_MS = 45_000;
/** For a drawing of another size, on such a machine. */
const FITS_MS = 15_000;

/** Why browser tests cannot run here; false when they can. */
export const skipWithoutBrowser =
  CHROMIUM === undefined ? 'there is no Chromium: apt-get install chromium' : false;

export interface Profile {
  scheme?: 'light' | 'dark';
  width?: number;
  height?: number;
}

/** A page in a fresh profile, and what it complained about. */
export interface Visit {
  page: Page;
  /** what it wrote to the console as errors, or threw, since the last time this was asked */
  complaints(): string[];
  end(): Promise<void>;
}

export interface TestBrowser extends Stoppable {
  /** A page in a fresh profile: no cookie, nothing remembered. */
  open(profile?: Profile): Promise<Visit>;
}

/** Starts Chromium without a window. */
export async function startBrowser(): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  return {
    open: async ({ scheme = 'light', width = 1440, height = 900 } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: scheme,
        timezoneId: 'Europe/Berlin',
        reducedMotion: 'reduce',
      });
      context.setDefaultTimeout(WAIT_MS);
      const complaints: string[] = [];
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
      return { page, complaints: () => complaints.splice(0), end: () => context.close() };
    },
    stop: () => browser.close(),
  };
}

/** Another page of the console, as its own links lead there: without loading it anew. */
export async function moveTo(page: Page, path: string): Promise<void> {
  const address = JSON.stringify(`/console${path}`);
  await page.evaluate(`history.pushState(null, '', ${address}); dispatchEvent(new Event('popstate'))`);
}

/** Makes axe-core known to a page, until it is loaded anew. */
export async function equipWithAxe(page: Page): Promise<void> {
  await page.evaluate(AXE);
}

/** What axe-core finds on the page as it is: WCAG 2.2 AA and its own best practices; or only about colours. */
export async function assertAccessible(
  page: Page,
  what: string,
  part: 'all' | 'colours' = 'all',
): Promise<void> {
  const only =
    part === 'all' ? '' : ", runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }";
  const { violations } = (await page.evaluate(`axe.run({ resultTypes: ['violations']${only} })`)) as {
    violations: Result[];
  };
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
  );
  assert.deepEqual(found, [], what);
}

/** Nothing makes the page itself wider than the screen, once charts have taken the size that they were told of. */
export async function assertFits(page: Page, what: string): Promise<void> {
  let wider: unknown;
  const fits = async () => {
    wider = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    return wider === 0;
  };
  await until('it fits', fits, FITS_MS).catch(() => undefined);
  assert.equal(wider, 0, `${what} is ${wider} px wider than the screen`);
}
