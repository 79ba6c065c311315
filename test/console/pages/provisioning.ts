import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { assertAccessible, equipWithAxe } from '../browser.ts';
import type { Scene } from '../scene.ts';

const HEAD = 'domain,user_id,password';

const choose = (page: Page, lines: string[]) =>
  page.getByLabel('File').setInputFiles({
    name: 'users.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(`${lines.join('\n')}\n`),
  });

/** Chooses a kind, and says that its list is there. */
async function chooseKind(page: Page, kind: string, shown: RegExp): Promise<void> {
  await page.getByLabel('Kind').selectOption(kind);
  await page.getByRole('row', { name: shown }).first().waitFor();
}

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

      const latin = Buffer.from('domain,user_id,caller_id_name\ncsv.test,2001,J\xfcrgen\n', 'latin1');
      await page.getByLabel('File').setInputFiles({ name: 'latin.csv', mimeType: 'text/csv', buffer: latin });
      await page.getByRole('alert').filter({ hasText: 'no text in UTF-8' }).waitFor();

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

  test('a domain and a group are made by hand, changed over a conflict, and removed after a look', async () => {
    const { place, post } = scene();
    await post('/v1/tenants', { name: 'hand' });
    await post('/v1/domains', { name: 'hand-first.test', tenant: 'hand' });
    await scene().visit(
      '/provisioning',
      async (page) => {
        await chooseKind(page, 'domains', /^hand-first\.test/);
        await page.getByRole('button', { name: 'New domain' }).click();
        const make = page.getByRole('region', { name: 'New domain' });
        await make.getByLabel('name').fill('hand.test');
        await make.getByLabel('tenant').fill('nobody-of-this-name');
        await make.getByRole('button', { name: 'Preview' }).click();
        await make.getByRole('alert').filter({ hasText: 'tenant' }).waitFor();
        await make.getByLabel('tenant').fill('hand');
        await make.getByLabel('country').fill('IT');
        await make.getByRole('button', { name: 'Preview' }).click();
        await make.getByRole('row', { name: 'country – IT' }).waitFor();
        await make.getByText('Nothing is stored yet').waitFor();
        await make.getByRole('button', { name: 'Save' }).click();
        await page.getByRole('row', { name: /^hand\.test hand yes IT/ }).waitFor();

        for (const user_id of ['1001', '1002'])
          await post('/v1/users', { domain: 'hand.test', user_id, password: 'secret-1' });
        await post('/v1/groups', { domain: 'hand.test', name: 'sales', members: ['1001'] });
        await chooseKind(page, 'groups', /^sales hand\.test 1001/);
        await page.getByRole('button', { name: 'Change group hand.test, sales' }).click();
        const change = page.getByRole('region', { name: 'Change group' });
        await change.getByLabel('members').fill('1002 1001');
        await change.getByRole('button', { name: 'Preview' }).click();
        await change.getByRole('row', { name: 'members 1001 1002, 1001' }).waitFor();
        await equipWithAxe(page);
        await assertAccessible(page, 'a change that was looked at');
        await place.ask('/v1/groups/hand.test/sales', {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ members: ['1002'] }),
        });
        await change.getByRole('button', { name: 'Save' }).click();
        await change.getByText('Somebody changed it since you opened it.').waitFor();
        await change.getByRole('row', { name: 'members 1002 1002, 1001' }).waitFor();
        await change.getByRole('button', { name: 'Go on with mine' }).click();
        await change.getByRole('button', { name: 'Save' }).click();
        await page.getByRole('row', { name: /^sales hand\.test 1002, 1001/ }).waitFor();

        await page.getByRole('button', { name: 'Change group hand.test, sales' }).click();
        await change.getByRole('button', { name: 'Remove' }).click();
        await change.getByText('group hand.test, sales will be gone').waitFor();
        assert.ok(await place.ask('/v1/groups/hand.test/sales'), 'a look removes nothing');
        await change.getByRole('button', { name: 'Remove for good' }).click();
        await page.getByRole('row', { name: /^sales hand\.test/ }).waitFor({ state: 'detached' });

        await chooseKind(page, 'domains', /^hand\.test/);
        await page.getByRole('button', { name: 'Change domain hand.test' }).click();
        await page.getByRole('button', { name: 'Remove' }).click();
        await page.getByRole('alert').filter({ hasText: 'still has users' }).waitFor();
      },
      { tolerates: /409|412|422/ },
    );
  });

  test("a tenant's operator changes its own users, makes no domain, and is not asked for what reaches further", async () => {
    const { post } = scene();
    await post('/v1/tenants', { name: 'own' });
    await post('/v1/domains', { name: 'own.test', tenant: 'own' });
    await post('/v1/users', { domain: 'own.test', user_id: '1001', password: 'secret-1' });
    const asked = { name: 'owner', role: 'operator', tenant: 'own' };
    const { token } = await post<{ token: string }>('/v1/tokens', asked);
    await scene().visit(
      '/provisioning',
      async (page) => {
        const users = page.getByRole('region', { name: 'Users' });
        await users.getByRole('row', { name: /^1001 own\.test/ }).waitFor();
        assert.equal(await users.getByRole('row').count(), 2, 'its own users only');
        // by the keyboard, as in every list
        await page.keyboard.press('j');
        await page.keyboard.press('Enter');
        const change = page.getByRole('region', { name: 'Change user' });
        await change.waitFor();
        assert.equal(await change.getByLabel('toll allow').count(), 0);
        await change.getByLabel('caller id name', { exact: true }).fill('Ada King');
        await change.getByLabel('password').fill('secret-2');
        await change.getByRole('button', { name: 'Preview' }).click();
        await change.getByRole('row', { name: 'password as it is a new one' }).waitFor();
        await change.getByRole('button', { name: 'Save' }).click();
        await users.getByRole('row', { name: /^1001 own\.test yes Ada King/ }).waitFor();

        await chooseKind(page, 'domains', /^own\.test/);
        assert.equal(await page.getByRole('button', { name: /^(New|Change)/ }).count(), 0);
        assert.equal(await page.getByLabel('File').count(), 0);
      },
      { token },
    );
  });
}
