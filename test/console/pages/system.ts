import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { until } from '../../support/until.ts';
import { anotherCdr, postCdr } from '../hostile-call.ts';
import type { Scene } from '../scene.ts';

export function testSystem(scene: () => Scene): void {
  test('a CDR that was cut off is looked at, mended and replayed', async () => {
    const { place } = scene();
    const { uuid, document } = await anotherCdr(place);
    await postCdr(place, uuid, document.slice(0, 400));
    const isRejected = async () =>
      (await place.ask<{ items: unknown[] }>('/v1/cdr-rejects?open=true')).items.length > 0;
    await until('it is rejected', isRejected, 40_000);
    await scene().visit('/system', async (page) => {
      await page.getByRole('tab', { name: 'Rejected CDRs' }).click();
      await page.getByRole('button', { name: /^Look at cdr-truncated/ }).click();
      await page.getByRole('button', { name: 'Replay as it is' }).click();
      await page.getByText('It cannot be taken still: cdr-truncated').waitFor();
      await page.getByRole('textbox').fill(document);
      await page.getByRole('button', { name: 'Replay as mended' }).click();
      await page.getByText('It is posted again as a CDR.').waitFor();
      await page.getByText('Nothing waits to be looked at').waitFor();
      assert.equal(
        await page.getByRole('link', { name: 'Look at its call' }).getAttribute('href'),
        `/console/calls/${uuid}`,
      );
      await page.getByRole('tab', { name: 'Changes' }).click();
      await page.getByRole('row', { name: /replay cdr-rejects/ }).waitFor();
    });
  });

  test('a support bundle has the state of everything and no secret', async () => {
    await scene().visit('/system', async (page) => {
      await page.getByRole('tab', { name: 'Support bundle' }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Make a support bundle' }).click(),
      ]);
      const text = await readFile(await download.path(), 'utf8');
      const bundle = JSON.parse(text) as Record<string, { items?: { switchname: string }[] }>;
      const names = bundle['nodes']?.items?.map(({ switchname }) => switchname) ?? [];
      assert.ok(names.includes('fs01') && names.includes('fs02'), names.join());
      assert.ok(bundle['system']);
      const { apiToken, freeswitchPassword } = scene().place.standalone.secrets;
      for (const secret of [apiToken, freeswitchPassword]) assert.ok(!text.includes(secret));
    });
  });

  test('an operator is not shown what only administrators may see', async () => {
    const { token } = await scene().post<{ token: string }>('/v1/tokens', {
      name: 'night',
      role: 'operator',
    });
    await scene().visit(
      '/system',
      async (page) => {
        await page.getByRole('tab').first().waitFor();
        assert.deepEqual(await page.getByRole('tab').allTextContents(), [
          'Health',
          'Rejected CDRs',
          'Support bundle',
        ]);
      },
      { token },
    );
  });

  test('a token is made, shown once, signs in, and ends', async () => {
    const { place } = scene();
    const { api } = place.standalone.origins;
    await scene().visit('/system', async (page) => {
      await page.getByRole('tab', { name: 'Tokens' }).click();
      await page.getByRole('button', { name: 'New token' }).click();
      const dialog = page.getByRole('dialog', { name: 'New token' });
      await dialog.getByLabel('What it is for').fill('billing');
      await dialog.getByLabel('Role').selectOption('analyst');
      await dialog.getByLabel('Days').fill('30');
      await dialog.getByRole('button', { name: 'Make it' }).click();
      const token = await page
        .getByRole('dialog', { name: 'The token is made' })
        .locator('code')
        .textContent();
      const headers = { authorization: `Bearer ${token}` };
      const access = async () => (await fetch(`${api}/v1/access`, { headers })).status;
      assert.equal(await access(), 200);
      await page.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('row', { name: /^billing analyst whole fleet counts 20/ }).waitFor();
      assert.equal(await page.getByText(`${token}`).count(), 0);

      await page.getByRole('button', { name: 'End token billing' }).click();
      await page.getByText('refused within a second').waitFor();
      await page.getByRole('button', { name: 'End it' }).click();
      await page.getByRole('row', { name: /^billing/ }).waitFor({ state: 'detached' });
      await until('it is refused', async () => (await access()) === 401);
    });
  });
}
