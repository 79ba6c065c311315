import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Scene } from '../scene.ts';

const HEAD = 'domain,user_id,password';

const choose = (page: Page, lines: string[]) =>
  page.getByLabel('File').setInputFiles({
    name: 'users.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(`${lines.join('\n')}\n`),
  });

export function testProvisioning(scene: () => Scene): void {
  test('a file is looked at before it is stored: what it does, and what is wrong in which line', async () => {
    await scene().post('/v1/domains', { name: 'csv.test', tenant: 'default' });
    await scene().visit('/', async (page) => {
      await page.getByRole('link', { name: 'Provisioning' }).click();
      await choose(page, [HEAD, 'csv.test,2001,secret-1', 'csv.test,20 02,secret-2']);
      await page.getByText('2 rows: 1 to make, 0 to change, 0 as they are, 1 cannot be.').waitFor();
      await page
        .getByRole('region', { name: 'What is wrong' })
        .getByRole('row', { name: /^3 user_id/ })
        .waitFor();
      assert.equal(await page.getByRole('button', { name: /^Store/ }).count(), 0);

      await choose(page, [HEAD, 'csv.test,2001,secret-1', 'csv.test,2002,secret-2']);
      await page.getByText('2 rows: 2 to make').waitFor();
      const { items } = await scene().place.ask<{ items: unknown[] }>('/v1/users?domain=csv.test');
      assert.equal(items.length, 0, 'a preview stores nothing');
      await page.getByRole('button', { name: 'Store 2 rows' }).click();
      await page.getByText('2 rows: 2 made').waitFor();
      await page
        .getByRole('region', { name: 'Users' })
        .getByRole('row', { name: /^2002 csv.test/ })
        .waitFor();
    });
  });
}
