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
      // it says so for two seconds only: who looks for it afterwards may be late
      await Promise.all([
        page.getByText('copied').waitFor(),
        page.getByRole('button', { name: "Copy the call's id" }).click(),
      ]);
      const copied = await page.evaluate('navigator.clipboard.readText()');
      assert.equal(`/console/calls/${copied}`, new URL(page.url()).pathname);

      await ladder.getByText('fs02 is called 2000', { exact: true }).click();
      await page.getByRole('complementary', { name: 'One event' }).getByText('CHANNEL_CREATE').waitFor();
      await equipWithAxe(page);
      await assertAccessible(page, 'one event');
      await page.getByRole('tab', { name: 'Legs (3)' }).click();
      const legs = page.getByRole('tabpanel').getByRole('row');
      await until('all legs are listed', async () => (await legs.count()) === 4);
      await page.getByRole('tab', { name: 'Quality' }).click();
      await page.getByRole('tabpanel').getByText('short', { exact: true }).waitFor();
      await page.getByRole('row', { name: /fs01 inbound PCMU/ }).waitFor();
      await page.getByRole('tab', { name: 'Raw CDRs' }).click();
      await page.getByRole('tabpanel').getByText('switchname="fs01"').waitFor();
    });
  });

  test('the view that somebody reads stays open when another one comes before it', async () => {
    let recording_paths: string[] = [];
    const prepare = async (page: Page) => {
      await page.route('**/v1/calls/*', async (route) => {
        const response = await route.fetch();
        const call = (await response.json()) as object;
        await route.fulfill({ response, json: { ...call, state: 'live', recording_paths } });
      });
    };
    await scene().visit(
      `/calls/${CROSS_LEG}`,
      async (page) => {
        const quality = page.getByRole('tab', { name: 'Quality' });
        await quality.click();
        recording_paths = ['/recordings/one.wav'];
        await page.getByRole('tab', { name: 'Recordings (1)' }).waitFor();
        assert.equal(await quality.getAttribute('aria-selected'), 'true');
      },
      { prepare },
    );
  });

  test('a link to a call, by its Call-ID, asks a fresh browser to sign in and then shows the call', async () => {
    const { origin, place, browser } = scene();
    const { id, legs } = await place.ask<{ id: string; legs: { sip_call_id: string }[] }>(
      `/v1/calls/${CROSS_LEG}`,
    );
    const { page, complaints, end } = await browser.open();
    let asked = 0;
    page.on('request', (request) => {
      if (new URL(request.url()).pathname.startsWith('/v1/calls/')) asked += 1;
    });
    await page.goto(`${origin}/console/calls/${encodeURIComponent(legs[1]?.sip_call_id ?? '')}`);
    await page.getByLabel('Token').fill(place.standalone.secrets.apiToken);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: /called 8122000 over fs01 and fs02/ }).waitFor();
    await until('its address is that of the call', () => page.url().endsWith(`/calls/${id}`));
    await page.getByRole('tab', { name: 'Quality' }).click();
    await page.getByRole('tabpanel').getByText('short', { exact: true }).waitFor();
    assert.equal(asked, 1, 'what is shown stays as it is');
    await moveTo(page, '/calls/nothing-of-this-name');
    await page.getByText('There is no such call').waitFor();
    await equipWithAxe(page);
    await assertAccessible(page, 'no such call');
    assert.ok(complaints().every((complaint) => /404/.test(complaint)));
    await end();
  });
}
