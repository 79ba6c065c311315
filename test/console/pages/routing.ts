import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scene } from '../scene.ts';

const NUMBER = '+442071838750';
const DID = `/v1/dids/${encodeURIComponent(NUMBER)}/0`;

export function testRouting(scene: () => Scene): void {
  test('a DID is changed after a look at what that does to a call; a conflict is shown field by field', async () => {
    const { place, post } = scene();
    await post('/v1/domains', { name: 'route.test', tenant: 'default' });
    await post('/v1/dids', {
      ...{ did: NUMBER, priority: 0, domain: 'route.test', dest_type: 'extension', destination: '1001' },
    });
    const stored = () => place.ask<Record<string, unknown>>(DID);
    const tolerates = /412/;
    await scene().visit(
      `/routing?to=${encodeURIComponent(NUMBER)}&domain=route.test`,
      async (page) => {
        await page.getByRole('region', { name: 'Decision' }).getByText('Goes to').waitFor();
        await page.getByRole('button', { name: `Change DID ${NUMBER}, 0` }).click();
        const editor = page.getByRole('region', { name: 'Change DID' });
        await editor.getByLabel('destination').fill('1002');
        await editor.getByLabel('active').uncheck();
        await editor.getByRole('button', { name: 'Preview' }).click();
        await editor.getByRole('row', { name: 'destination 1001 1002' }).waitFor();
        await editor.getByText('This call would go elsewhere').waitFor();
        await editor.getByText(/^Rejected: /).waitFor();
        assert.equal((await stored())['destination'], '1001', 'a preview stores nothing');

        await place.ask(DID, {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ destination: '1005' }),
        });
        await editor.getByRole('button', { name: 'Save' }).click();
        await editor.getByText('Somebody changed it since you opened it.').waitFor();
        await editor.getByRole('row', { name: 'destination 1005 1002' }).waitFor();
        assert.equal((await stored())['destination'], '1005');
        await editor.getByRole('button', { name: 'Go on with mine, on top of theirs' }).click();
        await editor.getByRole('row', { name: 'destination 1005 1002' }).waitFor();
        await editor.getByRole('button', { name: 'Save' }).click();
        await editor.waitFor({ state: 'detached' });
        const { destination, active } = await stored();
        assert.deepEqual([destination, active], ['1002', false]);
        await page
          .getByRole('region', { name: 'Decision' })
          .getByText(/^Rejected: /)
          .waitFor();
      },
      { tolerates },
    );
  });
}
