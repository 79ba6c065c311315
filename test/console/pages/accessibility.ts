import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { assertAccessible, assertFits, equipWithAxe, moveTo } from '../browser.ts';
import { CROSS_LEG, type Scene } from '../scene.ts';
import { REPORTS } from './reports.ts';

/** Pages as their addresses and what each shows when it is there. */
const PAGES: readonly (readonly [path: string, shown: string])[] = [
  ['/', 'table >> text=fs02'],
  ['/live', 'text=No call is up'],
  [REPORTS, 'table.heat'],
  ['/routing?to=8122000&from=100', 'text=Everything that was considered'],
];
const MORE_PAGES: typeof PAGES = [
  ['/provisioning', 'text=Import users'],
  ['/system', 'table >> text=merger'],
  ['/calls', 'table >> text=8122000'],
  [`/calls/${CROSS_LEG}`, 'svg.ladder'],
];

/** All of one page: in both themes, and as narrow and as wide as screens are. */
async function check(page: Page, what: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' });
  await assertAccessible(page, what);
  await page.emulateMedia({ colorScheme: 'dark' });
  await assertAccessible(page, `${what}, dark`, 'colours');
  for (const width of [360, 2560]) {
    await page.setViewportSize({ width, height: 740 });
    await assertFits(page, `${what} at ${width} px`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

export function testAccessibility(scene: () => Scene): void {
  for (const pages of [PAGES, MORE_PAGES]) {
    const names = pages.map(([path]) => path.split('?')[0]).join(' ');
    test(`axe-core finds nothing in either theme, and it fits 360 and 2560 px: ${names}`, async () => {
      await scene().visit('/', async (page) => {
        await equipWithAxe(page);
        for (const [path, shown] of pages) {
          await moveTo(page, path);
          await page.locator(shown).first().waitFor();
          await check(page, path);
        }
      });
    });
  }

  test('the pages are skipped and the help is dismissed by the keyboard, and axe-core finds nothing in it', async () => {
    await scene().visit('/live', async (page) => {
      await equipWithAxe(page);
      await page.keyboard.press('Tab');
      await page.getByRole('link', { name: 'Skip to content' }).and(page.locator(':focus')).waitFor();
      await page.keyboard.press('Enter');
      await page.locator('main:focus').waitFor();
      await page.keyboard.press('?');
      const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
      await help.waitFor();
      await check(page, 'help');
      await page.keyboard.press('Escape');
      await help.waitFor({ state: 'detached' });
    });
  });

  test('axe-core finds nothing on the page that signs in', async () => {
    const { page, end } = await scene().browser.open();
    await page.goto(`${scene().origin}/console/`);
    await page.getByLabel('Token').waitFor();
    await equipWithAxe(page);
    await check(page, 'sign in');
    await end();
  });
}
