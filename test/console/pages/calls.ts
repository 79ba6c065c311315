import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../support/until.ts';
import { moveTo } from '../browser.ts';
import type { Scene } from '../scene.ts';

export function testCalls(scene: () => Scene): void {
  test('what a search could not read is said; one that found nothing says so', async () => {
    await scene().visit('/calls?q=8122000+colour%3Ared', async (page) => {
      await page.getByText('Not understood, and left out: colour:red').waitFor();
      await page.getByText('1 call', { exact: true }).waitFor();
      await moveTo(page, '/calls?q=0000123');
      await page.getByText('No call is like that').waitFor();
    });
  });

  test('times follow the zone that is chosen, and the choice is remembered', async () => {
    await scene().visit('/calls?q=8122000', async (page) => {
      const start = page.locator('tbody time').first();
      const berlin = await start.textContent();
      await page.getByLabel('Times in').selectOption('UTC');
      await until('the time is shown in UTC', async () => (await start.textContent()) !== berlin);
      assert.equal(
        `${await start.textContent()}`.slice(0, 16),
        `${await start.getAttribute('datetime')}`.slice(0, 16).replace('T', ' '),
      );
      await page.reload();
      assert.equal(await page.getByLabel('Times in').inputValue(), 'UTC');
    });
  });

  test('the whole result goes into a file', async () => {
    await scene().visit('/calls?q=answered+8122000', async (page) => {
      await page.getByText(/^\d+ calls?$/).waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'CSV' }).click(),
      ]);
      const stream = await download.createReadStream();
      const file = Buffer.concat(await stream.toArray()).toString();
      const { items } = await scene().place.ask<{ items: unknown[] }>(
        '/v1/calls?disposition=answered&number=8122000&limit=500',
      );
      assert.ok(items.length > 0);
      assert.equal(file.trim().split('\r\n').length, items.length + 1);
      assert.match(file, /^id,start_at,.*duration_s,billsec_s,pdd_ms,/);
      assert.match(file, /,20\d\d-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*\+01,/, "in the viewer's zone");
      const [rows, zone] = (await page.evaluate(
        `fetch(${JSON.stringify(download.url())}).then(({ headers }) =>
          ['switchfleet-rows', 'switchfleet-time-zone'].map((name) => headers.get(name)))`,
      )) as (string | null)[];
      assert.equal(zone, 'Europe/Berlin');
      // told where counting took no longer than a moment
      assert.ok(rows === null || rows === String(items.length), `${rows} of ${items.length}`);
    });
  });

  test('counts beside the search narrow it, and widen it again', async () => {
    await scene().visit('/calls?q=8122000', async (page) => {
      await moveTo(page, '/calls');
      const narrow = page.getByRole('region', { name: 'Narrow the search' });
      const failed = narrow.getByRole('button', { name: /^failed \d+$/ });
      const count = Number((await failed.textContent())?.replace(/\D+/, ''));
      await failed.click();
      await page.getByText(`${count} calls`, { exact: true }).waitFor();
      assert.equal(new URL(page.url()).searchParams.get('q'), 'failed');
      await narrow.getByRole('button', { name: /^failed/, pressed: true }).click();
      await page.waitForURL((url) => !url.searchParams.has('q'));
      await page
        .getByText(/calls, and older ones$|^\d+ calls$/)
        .first()
        .waitFor();
      const row = () =>
        page.evaluate(`[...document.querySelectorAll('[data-row]')].indexOf(document.activeElement)`);
      for (const [key, place] of [
        ['j', 0],
        ['j', 1],
        ['j', 2],
        ['k', 1],
      ] as const) {
        await page.keyboard.press(key);
        assert.equal(await row(), place, key);
      }
    });
  });

  test("the tenant's zone can be chosen", async () => {
    await scene().post('/v1/tenants', { name: 'kathmandu', time_zone: 'Asia/Kathmandu' });
    await scene().visit('/calls?q=8122000', async (page) => {
      await page.getByLabel('Times in').selectOption('Asia/Kathmandu');
      const start = page.locator('tbody time').first();
      const utc = Date.parse(`${await start.getAttribute('datetime')}`);
      const local = new Date(utc + 345 * 60_000).toISOString().slice(0, 19).replace('T', ' ');
      assert.equal(await start.textContent(), local);
    });
  });
}
