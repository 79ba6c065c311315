import assert from 'node:assert/strict';
import { test } from 'node:test';
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
}
