import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Scene } from '../scene.ts';

export function testFleet(scene: () => Scene): void {
  const configured = async (node: string): Promise<string> =>
    (await scene().place.ask<{ configured_state: string }>(`/v1/nodes/${node}`)).configured_state;

  test('a node is drained after a word about what will happen, and gets calls again', async () => {
    await scene().visit('/', async (page) => {
      const row = page.getByRole('row', { name: /fs01/ });
      await row.getByText('live', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Drain fs01' }).click();
      const dialog = page.getByRole('dialog', { name: 'Drain fs01?' });
      await dialog.getByText('fs01 gets no new calls.').waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      assert.equal(await configured('fs01'), 'active');

      await page.getByRole('button', { name: 'Drain fs01' }).click();
      await dialog.getByRole('button', { name: 'Drain', exact: true }).click();
      await page.getByText('fs01 was active and is draining.').waitFor();
      await page.getByRole('button', { name: 'Close' }).click();
      await row.getByText('draining', { exact: true }).waitFor();
      assert.equal(await configured('fs01'), 'draining');

      await page.getByRole('button', { name: 'Undrain fs01' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Undrain', exact: true }).click();
      await page.getByText('fs01 was draining and is active.').waitFor();
      await page.getByRole('button', { name: 'Close' }).click();
      await row.getByText('live', { exact: true }).waitFor();

      await page.getByRole('button', { name: 'Disable fs01' }).click();
      const disable = page.getByRole('dialog', { name: 'Disable fs01?' });
      await disable.getByText('It stays so until it is undrained').waitFor();
      await disable.getByRole('button', { name: 'Cancel' }).click();
      await disable.waitFor({ state: 'detached' });
      assert.equal(await configured('fs01'), 'active');
    });
  });

  test('a server that showed up by itself is taken in, and its credential shown once', async () => {
    const seen = '2026-11-20T12:00:00Z';
    const stranger = {
      ...{ switchname: 'fs07', address: '192.0.2.7', seen_by: 'collector', reason: 'answers as fs07' },
      ...{ first_seen_at: seen, last_seen_at: seen, sightings: 3 },
    };
    let isThere = true;
    let given: unknown;
    const prepare = async (page: Page) => {
      await page.route('**/v1/discovered-nodes', (route) =>
        route.fulfill({ json: { items: isThere ? [stranger] : [] } }),
      );
      await page.route('**/v1/nodes/fs07/adopt', (route) => {
        given = route.request().postDataJSON();
        isThere = false;
        return route.fulfill({ status: 201, json: { http_username: 'fs07', http_password: 'word-1' } });
      });
    };
    await scene().visit(
      '/',
      async (page) => {
        const strangers = page.getByRole('region', { name: 'Servers that nobody named' });
        await strangers.getByRole('row', { name: /fs07.*192\.0\.2\.7.*answers as fs07/ }).waitFor();
        await page.getByRole('button', { name: 'Take in fs07' }).click();
        const dialog = page.getByRole('dialog', { name: 'Take in fs07?' });
        await dialog.getByLabel('Password of its event socket').fill('ClueCon');
        await dialog.getByRole('button', { name: 'Take in' }).click();
        await page.getByText('fs07:word-1').waitFor();
        assert.deepEqual(given, { esl_password: 'ClueCon', esl_host: '192.0.2.7', esl_port: 8021 });
        await page.getByRole('button', { name: 'Close' }).click();
        await strangers.waitFor({ state: 'detached' });
      },
      { prepare },
    );
  });
}
