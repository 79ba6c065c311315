import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '../../support/until.ts';
import { assertAccessible, equipWithAxe, moveTo } from '../browser.ts';
import { CROSS_LEG, type Scene } from '../scene.ts';

export function testCall(scene: () => Scene): void {
  test('a call over two servers is found by its number in two steps, and its ladder drawn', async () => {
    await scene().visit('/', async (page) => {
      await page.keyboard.press('/');
      await page.locator('[data-search]:focus').waitFor();
      await page.keyboard.type('8122000 answered');
      await page.keyboard.press('Enter');
      await page.getByText('1 call', { exact: true }).waitFor();
      assert.equal(new URL(page.url()).searchParams.get('q'), '8122000 answered');
      await page.keyboard.press('Tab');
      await page.locator('main h1').click();
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page
        .getByRole('heading', {
          name: '15550100 called 8122000 over fs01 and fs02, the server itself answered, talked 3.5 s, the callee hung up.',
        })
        .waitFor();
      const ladder = page.locator('svg.ladder');
      assert.deepEqual(await ladder.locator('.column > text').allTextContents(), [
        '15550100',
        'fs01',
        'fs02',
      ]);
      assert.equal(await ladder.locator('.life').count(), 3);
      assert.equal(await ladder.locator('.signal').count(), 6);
      assert.equal(await ladder.locator('.signal.against').count(), 1);
      await page.getByText(/The clock of fs01 is at least .* ahead of that of fs02/).waitFor();

      const rows = await ladder.locator('.row').count();
      await page.getByLabel('States').check();
      await until('states have rows', async () => (await ladder.locator('.row').count()) > rows);
      await page.getByLabel('States').uncheck();
      await until('they have none again', async () => (await ladder.locator('.row').count()) === rows);
      assert.match(
        `${await ladder.locator('.row title').first().textContent()}`,
        /Caller-Destination-Number/,
      );
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.getByRole('button', { name: "Copy the call's id" }).click();
      await page.getByText('copied').waitFor();
      const copied = await page.evaluate('navigator.clipboard.readText()');
      assert.equal(`/console/calls/${copied}`, new URL(page.url()).pathname);

      await ladder.getByText('fs02 is called 2000', { exact: true }).click();
      await page.getByRole('complementary', { name: 'One event' }).getByText('CHANNEL_CREATE').waitFor();
      await equipWithAxe(page);
      await assertAccessible(page, 'one event');
      await page.getByRole('tab', { name: 'Legs (3)' }).click();
      assert.equal(await page.getByRole('tabpanel').getByRole('row').count(), 4);
      await page.getByRole('tab', { name: 'Quality' }).click();
      await page.getByRole('tabpanel').getByText('short', { exact: true }).waitFor();
      await page.getByRole('row', { name: /fs01 inbound PCMU/ }).waitFor();
      await page.getByRole('tab', { name: 'Raw CDRs' }).click();
      await page.getByRole('tabpanel').getByText('switchname="fs01"').waitFor();
    });
  });

  test('a link to a call, by its Call-ID, asks a fresh browser to sign in and then shows the call', async () => {
    const { origin, place, browser } = scene();
    const { legs } = await place.ask<{ legs: { sip_call_id: string }[] }>(`/v1/calls/${CROSS_LEG}`);
    const { page, complaints, end } = await browser.open();
    await page.goto(`${origin}/console/calls/${encodeURIComponent(legs[1]?.sip_call_id ?? '')}`);
    await page.getByLabel('Token').fill(place.standalone.secrets.apiToken);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: /called 8122000 over fs01 and fs02/ }).waitFor();
    await moveTo(page, '/calls/nothing-of-this-name');
    await page.getByText('There is no such call').waitFor();
    await equipWithAxe(page);
    await assertAccessible(page, 'no such call');
    assert.ok(complaints().every((complaint) => /404/.test(complaint)));
    await end();
  });

  test('a call that is up says that it is still being assembled, until it is finished', async () => {
    let isUp = true;
    await scene().visit(
      `/calls/${CROSS_LEG}`,
      async (page) => {
        await page.getByText('Still being assembled').waitFor();
        await page.getByRole('heading', { name: /^15550100 is calling 8122000 .* talking for/ }).waitFor();
        isUp = false;
        await page.getByRole('heading', { name: /talked 3.5 s, the callee hung up/ }).waitFor();
        assert.equal(await page.getByText('Still being assembled').count(), 0);
      },
      {
        prepare: async (page) => {
          await page.route('**/v1/calls/*', async (route) => {
            const call = await (await route.fetch()).json();
            const up = { state: 'live', end_us: null, billsec: null, disposition: null, hangup_cause: null };
            await route.fulfill({ json: isUp ? { ...call, ...up } : call });
          });
        },
      },
    );
  });

  test('a call over a proxy that was corrected says both, and leads to its packets', async () => {
    const prepare = async (page: Page) => {
      await page.route('**/v1/access', async (route) => {
        const access = await (await route.fetch()).json();
        await route.fulfill({
          json: { ...access, homer_url: 'https://homer.test/?id={call_id}&from={from_ms}' },
        });
      });
      await page.route('**/v1/calls/*', async (route) => {
        const call = await (await route.fetch()).json();
        const legs = call.legs.map((leg: object, index: number) => ({
          ...leg,
          proxy: index === 0 ? null : 'edge1',
        }));
        await route.fulfill({ json: { ...call, legs, is_corrected: true } });
      });
    };
    await scene().visit(
      `/calls/${CROSS_LEG}`,
      async (page) => {
        await page.getByText(/^Corrected: evidence that came after/).waitFor();
        const ladder = page.locator('svg.ladder');
        await ladder.locator('.column').nth(3).waitFor();
        assert.deepEqual(await ladder.locator('.column > text').allTextContents(), [
          '15550100',
          'edge1',
          'fs01',
          'fs02',
        ]);
        assert.ok((await ladder.locator('.via').count()) > 0);
        const link = page.getByRole('link', { name: 'packets in Homer' }).first();
        assert.match(
          `${await link.getAttribute('href')}`,
          /^https:\/\/homer\.test\/\?id=1-\d+%40127.*&from=\d{13}$/,
        );
        assert.equal(await link.getAttribute('rel'), 'noreferrer noopener');
      },
      { prepare },
    );
  });
}
