import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutBrowser } from './browser.ts';
import { openScene } from './scene.ts';

test('a trunk route is changed after a look at that, a node is disabled, and how long tables are kept is told', {
  skip: skipWithoutBrowser,
  timeout: 240_000,
}, async (t) => {
  const scene = await openScene();
  t.after(() => scene.stop());
  const { place, post } = scene;
  await post('/v1/domains', { name: 'out.test', tenant: 'default' });
  for (const [name, host] of [
    ['cheap', '192.0.2.20'],
    ['dear', '192.0.2.21'],
  ])
    await post('/v1/trunks', { name, host });
  await post('/v1/trunk-routes', { prefix: '33', trunk: 'cheap', domain: 'out.test' });

  await t.test('a trunk route', async () => {
    await scene.visit('/routing?to=%2B33123456789&domain=out.test', async (page) => {
      await page.getByLabel('Kind').selectOption('trunk-routes');
      await page.getByRole('button', { name: /^Change trunk route / }).click();
      const editor = page.getByRole('region', { name: 'Change trunk route' });
      await editor.getByLabel('trunk', { exact: true }).fill('dear');
      await editor.getByRole('button', { name: 'Preview' }).click();
      await editor.getByRole('row', { name: 'trunk cheap dear' }).waitFor();
      await editor.getByRole('button', { name: 'Save' }).click();
      await editor.waitFor({ state: 'detached' });
    });
    const { items } = await place.ask<{ items: { trunk: string }[] }>('/v1/trunk-routes');
    assert.deepEqual(
      items.map(({ trunk }) => trunk),
      ['dear'],
    );
  });

  await t.test('a node', async () => {
    await scene.visit('/', async (page) => {
      await page.getByRole('button', { name: 'Disable fs02' }).click();
      await page
        .getByRole('dialog', { name: 'Disable fs02?' })
        .getByRole('button', { name: 'Disable', exact: true })
        .click();
      await page.getByText('fs02 was active and is disabled.').waitFor();
      await page.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('row', { name: /fs02/ }).getByText('disabled').waitFor();
    });
    const { configured_state } = await place.ask<{ configured_state: string }>('/v1/nodes/fs02');
    assert.equal(configured_state, 'disabled');
  });

  await t.test('how long each table is kept', async () => {
    await scene.visit('/system', async (page) => {
      for (const [table, kept] of [
        ['cdr', '24 months'],
        ['cdr_documents', '90 days'],
        ['leg_events', '30 days'],
      ])
        await page.getByRole('row', { name: new RegExp(`^${table} ${kept} \\d`) }).waitFor();
    });
  });
});
