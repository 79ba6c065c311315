import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { stopAll } from '../../libs/lifecycle/stoppable.ts';
import { signIn, startBrowser } from './browser.ts';
import { openPlace, type Place } from './place.ts';

/** `npm run screenshots`: every page in both themes, of a recorded run, into docs/images. */
const FOLDER = resolve(import.meta.dirname, '../../docs/images');
const CROSS_LEG = '65eff4ce-dfd5-404f-8f5d-8505d74528f4';

/** The clock of the run is ahead of ours. */
const hoursFromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

const PAGES: readonly (readonly [name: string, path: string, shown: string])[] = [
  ['fleet', '/', 'svg.sparkline'],
  ['live', '/live', 'text=No call is up'],
  ['calls', '/calls?q=answered+%3E2s', 'table >> text=8122000'],
  ['call', `/calls/${CROSS_LEG}`, 'svg.ladder'],
  ['reports', `/reports?from=${hoursFromNow(-12)}&to=${hoursFromNow(12)}`, 'table.heat'],
  [
    'routing',
    '/routing?to=1001&domain=sip.example.com&from=%2B442071838750',
    'text=Everything that was considered',
  ],
  ['provisioning', '/provisioning', 'table >> text=1001'],
  ['system', '/system', 'table >> text=merger'],
];

/** Something to look at: a tenant's users. */
async function furnish({ ask }: Place): Promise<void> {
  const post = (path: string, body: object) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await post('/v1/tenants', { name: 'acme', description: 'Acme Ltd' });
  await post('/v1/domains', { name: 'sip.example.com', tenant: 'acme' });
  for (const [user_id, caller_id_name] of [
    ['1001', 'Ada Byron'],
    ['1002', 'Grace Hopper'],
    ['1003', 'Hedy Lamarr'],
  ]) {
    await post('/v1/users', {
      domain: 'sip.example.com',
      user_id,
      caller_id_name,
      password: `pass-${user_id}`,
    });
  }
}

async function take(page: Page, origin: string, scheme: string): Promise<void> {
  for (const [name, path, shown] of PAGES) {
    await page.goto(`${origin}/console${path}`);
    await page.locator(shown).first().waitFor();
    await page.evaluate('document.fonts.ready');
    await page.screenshot({
      path: join(FOLDER, `${name}-${scheme}.png`),
      fullPage: true,
      animations: 'disabled',
    });
  }
}

const place = await openPlace();
const browser = await startBrowser();
try {
  mkdirSync(FOLDER, { recursive: true });
  await furnish(place);
  for (const scheme of ['light', 'dark'] as const) {
    const page = await browser.open({ scheme, width: 1280, height: 720 });
    const origin = place.standalone.origins.api;
    await page.goto(`${origin}/console/`);
    await page.getByLabel('Token').waitFor();
    await page.screenshot({ path: join(FOLDER, `sign-in-${scheme}.png`) });
    await signIn(page, { origin, token: place.standalone.secrets.apiToken });
    await take(page, origin, scheme);
  }
} finally {
  await stopAll([place, browser]);
}
