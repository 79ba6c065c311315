import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Scene } from '../scene.ts';

const SEARCH = (url: URL) => url.pathname === '/v1/calls';

/** No search is answered before what this gives is called. */
async function holdSearches(page: Page): Promise<() => void> {
  let isHeld = true;
  // a question that is cancelled is never answered
  await page.route(SEARCH, (route) => (isHeld ? undefined : route.fallback()));
  return () => {
    isHeld = false;
  };
}

export function testSearches(scene: () => Scene): void {
  test('a search is saved under a name, found again after the page was loaded anew, and forgotten', async () => {
    await scene().visit('/calls?q=failed+8122000&last=7d', async (page) => {
      const saved = page.locator('details').filter({ hasText: 'Saved searches' });
      await saved.getByText('Saved searches (0)').click();
      await page.getByLabel('Name', { exact: true }).fill('far failures');
      await page.getByRole('button', { name: 'Save this search' }).click();
      await saved.getByText('Saved searches (1)').waitFor();

      await page.goto(`${scene().origin}/console/calls`);
      await saved.getByText('Saved searches (1)').click();
      await page.getByRole('link', { name: 'far failures' }).click();
      await page.waitForURL((url) => url.search === '?q=failed+8122000&last=7d');
      assert.equal(await page.locator('[data-search]').inputValue(), 'failed 8122000');
      assert.equal(await page.getByLabel('When').inputValue(), '7d');
      await saved.getByText('Saved searches (1)').click();
      await page.getByRole('button', { name: 'Forget far failures' }).click();
      await saved.getByText('Saved searches (0)').waitFor();
      await page.reload();
      await saved.getByText('Saved searches (0)').waitFor();
    });
  });

  test('a search that takes too long is cancelled, which never looks like finding nothing, and asked again', async () => {
    let letGo: () => void = () => undefined;
    await scene().visit(
      '/calls?q=8122000',
      async (page) => {
        await page.getByText('Searching…').waitFor();
        const given = page.waitForEvent('requestfailed', (request) => SEARCH(new URL(request.url())));
        await page.getByRole('button', { name: 'Cancel' }).click();
        await page.getByText('nothing is known of what it would have found').waitFor();
        await given;
        assert.equal(await page.getByText('No call is like that').count(), 0);
        letGo();
        await page.getByRole('button', { name: 'Search again' }).click();
        await page.getByText(/^\d+ calls?$/).waitFor();
      },
      {
        prepare: async (page) => {
          letGo = await holdSearches(page);
        },
      },
    );
  });

  test('a search that ran out of time says how far it got; going on can be stopped, and gone on with', async () => {
    let isHeld = true;
    const part = { next_cursor: 'here', complete: false, searched_to: '2026-11-20T12:00:00Z' };
    const prepare = async (page: Page) => {
      await page.route(SEARCH, async (route) => {
        const isFirst = !new URL(route.request().url()).searchParams.has('cursor');
        const whole = async () => (await route.fetch({ url: `${scene().origin}/v1/calls?limit=2` })).json();
        if (isFirst) await route.fulfill({ json: { ...(await whole()), ...part } });
        else if (!isHeld) await route.fulfill({ json: { ...(await whole()), next_cursor: null } });
      });
    };
    await scene().visit(
      '/calls?q=short',
      async (page) => {
        await page.getByText('2 calls, and older ones').waitFor();
        const told = page.locator('p').filter({ hasText: 'The search ran out of time' });
        await told.waitFor();
        assert.match(
          `${await told.textContent()}`,
          /complete from 2026-11-20 13:00:00 on; older calls were not/,
        );
        assert.equal(await page.getByRole('region', { name: 'Narrow the search' }).count(), 0);
        await page.getByRole('button', { name: 'Search on' }).click();
        await page.getByRole('button', { name: 'Stop' }).click();
        await page.getByRole('button', { name: 'Search on' }).waitFor();
        assert.equal(await page.getByRole('alert').count(), 0, 'who stops it knows why');
        isHeld = false;
        await page.getByRole('button', { name: 'Search on' }).click();
        await page.getByText('4 calls', { exact: true }).waitFor();
        await told.waitFor({ state: 'detached' });
      },
      { prepare },
    );
  });

  test('counts of a part say of which part they are', async () => {
    await scene().visit(
      '/calls',
      async (page) => {
        await page
          .getByText(/Counts are of the newest 7 calls: time ran out, those before 2026-11-20 13:00:00/)
          .waitFor();
      },
      {
        prepare: async (page) => {
          await page.route('**/v1/calls/facets*', async (route) => {
            const facets = await (await route.fetch()).json();
            const part = { counted: 7, complete: false, counted_to: '2026-11-20T12:00:00Z' };
            await route.fulfill({ json: { ...facets, ...part } });
          });
        },
      },
    );
  });
}
