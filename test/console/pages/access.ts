import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { moveTo } from '../browser.ts';
import { CROSS_LEG, type Scene } from '../scene.ts';

/** What the api answers the page's own session, with the CSRF token that the page has. */
async function statusOf(page: Page, path: string, method = 'GET'): Promise<number> {
  return await page.evaluate(
    `(async () => {
      const { csrf_token } = await (await fetch('/console/session')).json();
      const headers = { 'x-csrf-token': csrf_token };
      return (await fetch('${path}', { method: '${method}', headers })).status;
    })()`,
  );
}

/** How much the stream tells the page's session at its beginning. */
async function snapshotOf(page: Page): Promise<{ calls: number; nodes: number }> {
  return await page.evaluate(
    `new Promise((tell, fail) => {
      const source = new EventSource('/v1/live');
      source.onerror = fail;
      source.addEventListener('snapshot', ({ data }) => {
        source.close();
        const { calls, nodes } = JSON.parse(data);
        tell({ calls: calls.length, nodes: nodes.length });
      });
    })`,
  );
}

export function testAccess(scene: () => Scene): void {
  test('the link that the start printed signs in once, and leaves nothing in the address', async () => {
    const { place, browser } = scene();
    const { signInUrl } = place.standalone;
    const first = await browser.open();
    await first.page.goto(signInUrl);
    await first.page.getByRole('heading', { name: 'Fleet', exact: true }).waitFor();
    assert.equal(new URL(first.page.url()).hash, '');
    const cookies = await first.page.context().cookies();
    assert.deepEqual(
      cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite })),
      [{ httpOnly: true, sameSite: 'Strict' }],
    );
    assert.equal(await first.page.evaluate('document.cookie'), '');
    assert.equal(await first.page.evaluate('Object.values(localStorage).join()'), '');
    assert.deepEqual(first.complaints(), []);
    await first.end();

    const { page, complaints, end } = await browser.open();
    await page.goto(signInUrl);
    await page.getByRole('alert').filter({ hasText: 'This link was used already' }).waitFor();
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'This token is wrong' }).waitFor();
    // a browser tells of each 401 in its console
    assert.ok(complaints().every((complaint) => /401/.test(complaint)));
    await end();
  });

  test('a session that ended elsewhere asks to sign in, and goes on where it was; who signs out is out', async () => {
    const { origin, place } = scene();
    const { apiToken } = place.standalone.secrets;
    const visitor = { tolerates: /401/ };
    await scene().visit(
      '/calls?q=8122000',
      async (page) => {
        await page.getByText('1 call', { exact: true }).waitFor();
        const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join();
        const told = await fetch(`${origin}/console/session`, { headers: { cookie } });
        const { csrf_token } = (await told.json()) as { csrf_token: string };
        const headers = { cookie, 'x-csrf-token': csrf_token };
        await fetch(`${origin}/console/session`, { method: 'DELETE', headers });
        await page.getByRole('link', { name: 'Fleet', exact: true }).click();
        await page.getByText('The session is over').waitFor();
        await page.getByLabel('Token').fill(apiToken);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByRole('heading', { name: 'Fleet', exact: true }).waitFor();

        await page.getByText('API_TOKEN').click();
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByLabel('Token').waitFor();
      },
      visitor,
    );
  });

  test('when the time of a token is over, the page that follows the stream asks to sign in', async () => {
    const { place, post } = scene();
    const { token } = await post<{ token: string }>('/v1/tokens', { name: 'shift', role: 'operator' });
    await scene().visit(
      '/live',
      async (page) => {
        await page.getByText('No call is up').waitFor();
        await place.ask('/v1/tokens/shift', {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ expires_at: '2020-01-01T00:00:00Z' }),
        });
        await page.getByText('The session is over').waitFor();
        assert.equal(new URL(page.url()).pathname, '/console/live');
      },
      { token, tolerates: /401/ },
    );
  });

  test("a tenant's analyst sees no fleet, no orders and no calls of others", async () => {
    const { post } = scene();
    await post('/v1/tenants', { name: 'acme' });
    const { token } = await post<{ token: string }>('/v1/tokens', {
      name: 'desk',
      role: 'analyst',
      tenant: 'acme',
    });
    await scene().visit(
      '/',
      async (page) => {
        await page.getByRole('heading', { name: 'Live calls' }).waitFor();
        const pages = page.getByRole('navigation', { name: 'Pages' });
        assert.deepEqual(await pages.getByRole('link').allTextContents(), ['Live calls', 'Calls', 'Reports']);
        await page.getByRole('link', { name: 'Calls', exact: true }).click();
        await page.getByText('No calls yet').waitFor();
        await moveTo(page, `/calls/${CROSS_LEG}`);
        await page.getByText('There is no such call').waitFor();
        // what is not shown is refused: by the api, and by the stream
        for (const path of ['/v1/nodes', '/v1/system', '/v1/users', '/v1/audit', '/v1/routing/explain?to=1'])
          assert.equal(await statusOf(page, path), 403, path);
        assert.equal(await statusOf(page, '/v1/nodes/fs01/drain', 'POST'), 403);
        assert.deepEqual(await snapshotOf(page), { calls: 0, nodes: 0 });
      },
      { token, tolerates: /40[34]/ },
    );
  });

  test('a database that is away is no reason to sign in again; a broken link breaks no page', async () => {
    let isAway = true;
    const { page, end } = await scene().browser.open();
    await page.context().request.post(`${scene().origin}/console/session`, {
      data: { token: scene().place.standalone.secrets.apiToken },
    });
    await page.route('**/console/session', (route) =>
      isAway
        ? route.fulfill({ status: 503, json: { code: 'database-unavailable', detail: 'it is away' } })
        : route.continue(),
    );
    await page.goto(`${scene().origin}/console/calls/of-nobody`);
    await page.getByText('The database is away').waitFor();
    assert.equal(await page.getByLabel('Token').count(), 0);
    isAway = false;
    // it asks again by itself
    await page.getByText('There is no such call').waitFor();
    await moveTo(page, '/calls/%E0%A4%A');
    await page.getByText('%E0%A4%A').waitFor();
    await end();
  });
}
