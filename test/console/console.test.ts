import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { stopAll } from '../../libs/lifecycle/stoppable.ts';
import { until } from '../support/until.ts';
import {
  assertAccessible,
  assertFits,
  signIn,
  skipWithoutBrowser,
  startBrowser,
  type TestBrowser,
} from './browser.ts';
import { HOSTILE, postHostileCall } from './hostile-call.ts';
import { openPlace, type Place } from './place.ts';

const DAY_MS = 86_400_000;
const dayFromNow = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
/** The clock of the run is ahead of ours. */
const REPORTS = `/reports?from=${dayFromNow(-1)}&to=${dayFromNow(1)}`;

/** Pages as their addresses and what each shows when it is there. */
const PAGES: readonly (readonly [path: string, shown: string])[] = [
  ['/', 'table >> text=fs02'],
  ['/live', 'text=No call is up'],
  [REPORTS, 'table.heat'],
  ['/routing?to=8122000&from=100', 'text=Everything that was considered'],
  ['/provisioning', 'text=Import users'],
  ['/system', 'table >> text=merger'],
  ['/calls', 'table >> text=8122000'],
  ['/calls/65eff4ce-dfd5-404f-8f5d-8505d74528f4', 'svg.ladder'],
];

const CROSS_LEG = '65eff4ce-dfd5-404f-8f5d-8505d74528f4';

let place: Place;
let browser: TestBrowser;
const who = () => ({ origin: place.standalone.origins.api, token: place.standalone.secrets.apiToken });

const skip = skipWithoutBrowser;

before(
  async () => {
    if (skip !== false) return;
    place = await openPlace();
    browser = await startBrowser();
  },
  { timeout: 150_000 },
);
after(() => stopAll([place, browser].filter((part) => part !== undefined)));

/** A page of a person who is signed in; what it complains about fails the test. */
async function withPage(work: (page: Page) => Promise<void>): Promise<void> {
  const page = await browser.open();
  try {
    await signIn(page, who());
    await work(page);
    assert.deepEqual(browser.complaints(), []);
  } finally {
    await page.context().close();
  }
}

test('the link that the start printed signs in once, and leaves nothing in the address', {
  skip,
}, async () => {
  const { signInUrl } = place.standalone;
  const page = await browser.open();
  await page.goto(signInUrl);
  await page.getByRole('heading', { name: 'Fleet', exact: true }).waitFor();
  assert.equal(new URL(page.url()).hash, '');
  const cookies = await page.context().cookies();
  assert.deepEqual(
    cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite })),
    [{ httpOnly: true, sameSite: 'Strict' }],
  );
  assert.equal(await page.evaluate('document.cookie'), '');
  assert.deepEqual(browser.complaints(), []);

  const other = await browser.open();
  await other.goto(signInUrl);
  await other.getByRole('alert').filter({ hasText: 'This link was used already' }).waitFor();
  await other.getByLabel('Token').fill('wrong');
  await other.getByRole('button', { name: 'Sign in' }).click();
  await other.getByRole('alert').filter({ hasText: 'This token is wrong' }).waitFor();
  await Promise.all([page.context().close(), other.context().close()]);
  // a browser tells of each 401 in its console
  assert.ok(browser.complaints().every((complaint) => /401/.test(complaint)));
});

test('a node is drained after a word about what will happen, and gets calls again', { skip }, async () => {
  await withPage(async (page) => {
    const row = page.getByRole('row', { name: /fs01/ });
    await row.getByText('live', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Drain fs01' }).click();
    const dialog = page.getByRole('dialog', { name: 'Drain fs01?' });
    await dialog.getByText('fs01 gets no new calls.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(
      (await place.ask<{ configured_state: string }>('/v1/nodes/fs01')).configured_state,
      'active',
    );

    await page.getByRole('button', { name: 'Drain fs01' }).click();
    await dialog.getByRole('button', { name: 'Drain', exact: true }).click();
    await page.getByText('fs01 was active and is draining.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await row.getByText('draining', { exact: true }).waitFor();
    assert.equal(
      (await place.ask<{ configured_state: string }>('/v1/nodes/fs01')).configured_state,
      'draining',
    );

    await page.getByRole('button', { name: 'Undrain fs01' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Undrain', exact: true }).click();
    await page.getByText('fs01 was draining and is active.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await row.getByText('live', { exact: true }).waitFor();
  });
});

test('a call over two servers is found by its number in two steps, and its ladder drawn', {
  skip,
}, async () => {
  await withPage(async (page) => {
    await page.keyboard.press('/');
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
    assert.deepEqual(await ladder.locator('.column > text').allTextContents(), ['15550100', 'fs01', 'fs02']);
    assert.equal(await ladder.locator('.life').count(), 3);
    assert.equal(await ladder.locator('.signal').count(), 6);
    assert.equal(await ladder.locator('.signal.against').count(), 1);
    await page.getByText(/The clock of fs01 is at least .* ahead of that of fs02/).waitFor();

    await ladder.getByText('fs02 is called 2000', { exact: true }).click();
    await page.getByRole('complementary', { name: 'One event' }).getByText('CHANNEL_CREATE').waitFor();
    await page.getByRole('tab', { name: 'Legs (3)' }).click();
    assert.equal(await page.getByRole('tabpanel').getByRole('row').count(), 4);
    await page.getByRole('tab', { name: 'Raw CDRs' }).click();
    await page.getByRole('tabpanel').getByText('switchname="fs01"').waitFor();
  });
});

test('a link to a call, by its Call-ID, asks a fresh browser to sign in and then shows the call', {
  skip,
}, async () => {
  const { legs } = await place.ask<{ legs: { sip_call_id: string }[] }>(`/v1/calls/${CROSS_LEG}`);
  const page = await browser.open();
  await signIn(page, who(), `/calls/${encodeURIComponent(legs[1]?.sip_call_id ?? '')}`);
  await page.getByRole('heading', { name: /called 8122000 over fs01 and fs02/ }).waitFor();
  await page.goto(`${who().origin}/console/calls/nothing-of-this-name`);
  await page.getByText('There is no such call').waitFor();
  assert.ok(browser.complaints().every((complaint) => /404/.test(complaint)));
  await page.context().close();
});

test('what a search could not read is said; one that found nothing says so; times follow the zone', {
  skip,
}, async () => {
  await withPage(async (page) => {
    await page.goto(`${who().origin}/console/calls?q=8122000+colour%3Ared`);
    await page.getByText('Not understood, and left out: colour:red').waitFor();
    await page.getByText('1 call', { exact: true }).waitFor();
    const start = page.locator('tbody time').first();
    const berlin = await start.textContent();
    await page.getByLabel('Times in').selectOption('UTC');
    await until('the time is shown in UTC', async () => (await start.textContent()) !== berlin);
    assert.equal(
      `${await start.textContent()}`.slice(0, 16),
      `${await start.getAttribute('datetime')}`.slice(0, 16).replace('T', ' '),
    );
    await page.reload();
    assert.equal(await page.getByLabel('Times in').inputValue(), 'UTC');

    await page.goto(`${who().origin}/console/calls?q=0000123`);
    await page.getByText('No call is like that').waitFor();
    await page.goto(`${who().origin}/console/calls?q=failed`);
    await page.locator('tbody tr').first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV' }).click(),
    ]);
    const stream = await download.createReadStream();
    const file = Buffer.concat(await stream.toArray()).toString();
    const { items } = await place.ask<{ items: unknown[] }>('/v1/calls?disposition=failed&limit=500');
    assert.equal(file.trim().split('\r\n').length, items.length + 1);
  });
});

test('texts of a hostile caller are shown as text', { skip }, async () => {
  const id = await postHostileCall(place);
  await withPage(async (page) => {
    for (const path of ['/calls', `/calls/${id}`]) {
      await page.goto(`${who().origin}/console${path}`);
      await page.getByText(HOSTILE.name).first().waitFor();
      assert.equal(await page.evaluate('document.images.length'), 0);
      assert.equal(await page.evaluate('globalThis.wasExecuted'), undefined);
      await assertFits(page, path);
    }
    for (const tab of ['Legs', 'Events', 'Raw CDRs']) {
      await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
      assert.equal(await page.evaluate('document.images.length'), 0, tab);
      await assertFits(page, tab);
    }
  });
});

test('when the api is out of reach the page says how old its numbers are, and goes on when it is back', {
  skip,
}, async () => {
  const page = await browser.open();
  await signIn(page, who());
  await page.getByRole('row', { name: /fs01/ }).waitFor();
  await page.context().setOffline(true);
  await page.getByText(/The stream was lost at/).waitFor();
  await page.getByText(/These numbers are .* old/).waitFor();
  await page.getByRole('row', { name: /fs01/ }).waitFor();
  await page.context().setOffline(false);
  await page.getByText(/The stream was lost at/).waitFor({ state: 'detached' });
  await page.getByText(/These numbers are .* old/).waitFor({ state: 'detached' });
  await page.context().close();
  assert.ok(
    browser.complaints().every((complaint) => /ERR_INTERNET_DISCONNECTED|ERR_NETWORK/.test(complaint)),
  );
});

test('a session that ended elsewhere asks to sign in, and goes on where it was', { skip }, async () => {
  const page = await browser.open();
  await signIn(page, who(), '/calls?q=8122000');
  await page.getByText('1 call', { exact: true }).waitFor();
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join();
  const told = await fetch(`${who().origin}/console/session`, { headers: { cookie } });
  const { csrf_token } = (await told.json()) as { csrf_token: string };
  const headers = { cookie, 'x-csrf-token': csrf_token };
  await fetch(`${who().origin}/console/session`, { method: 'DELETE', headers });
  await page.getByRole('link', { name: 'Fleet', exact: true }).click();
  await page.getByText('The session is over').waitFor();
  await page.getByLabel('Token').fill(who().token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Fleet', exact: true }).waitFor();

  await page.getByText('API_TOKEN').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Token').waitFor();
  await page.context().close();
  browser.complaints();
});

test("a tenant's analyst sees no fleet, no orders and no calls of others", { skip }, async () => {
  const body = (value: object) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });
  await place.ask('/v1/tenants', body({ name: 'acme' }));
  const { token } = await place.ask<{ token: string }>(
    '/v1/tokens',
    body({ name: 'desk', role: 'analyst', tenant: 'acme' }),
  );
  const page = await browser.open();
  await signIn(page, { ...who(), token });
  await page.getByRole('heading', { name: 'Live calls' }).waitFor();
  assert.deepEqual(
    await page
      .getByRole('navigation', { name: 'Pages' })
      .getByRole('link', { name: 'Fleet', exact: true })
      .count(),
    0,
  );
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await page.getByText('No calls yet').waitFor();
  await page.goto(`${who().origin}/console/calls/${CROSS_LEG}`);
  await page.getByText('There is no such call').waitFor();
  await page.context().close();
  assert.ok(browser.complaints().every((complaint) => /404/.test(complaint)));
});

for (const scheme of ['light', 'dark'] as const) {
  test(`axe-core finds nothing on any page, ${scheme}; every page fits 360 px`, { skip }, async () => {
    const page = await browser.open({ scheme });
    await page.goto(`${who().origin}/console/`);
    await page.getByLabel('Token').waitFor();
    await assertAccessible(page, 'sign in');
    await signIn(page, who());
    for (const [path, shown] of PAGES) {
      await page.goto(`${who().origin}/console${path}`);
      await page.locator(shown).first().waitFor();
      await assertAccessible(page, path);
      await page.setViewportSize({ width: 360, height: 740 });
      await assertFits(page, `${path} at 360 px`);
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await assertAccessible(page, 'help');
    await page.context().close();
    assert.deepEqual(browser.complaints(), []);
  });
}

test('the live page shows what the stream tells, filters as one types, and says when the stream is lost', {
  skip,
}, async () => {
  const about = { tenant: null, domain: null, caller: '+4930123', callee: '1001', nodes: ['fs01', 'fs02'] };
  const events: [string, unknown][] = [
    [
      'snapshot',
      {
        reason: 'no-id',
        calls: [{ ...about, call_id: 'a', start_us: 1, answer_us: null }],
        calls_complete: true,
        nodes: [],
      },
    ],
    ['call-started', { ...about, call_id: 'b', caller: HOSTILE.name, at_us: 2 }],
    ['call-answered', { ...about, call_id: 'a', at_us: 3 }],
  ];
  const body = events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join('');
  const page = await browser.open();
  await page.route('**/v1/live', (route) => route.fulfill({ contentType: 'text/event-stream', body }));
  await signIn(page, who(), '/live');
  await page.getByRole('row', { name: /talking.*\+4930123.*fs01 → fs02/ }).waitFor();
  await page
    .getByRole('row', { name: /ringing/ })
    .getByText(HOSTILE.name)
    .waitFor();
  await page
    .getByText(/The stream was lost at/)
    .first()
    .waitFor();
  const filter = page.getByLabel('Filter by number, domain, tenant or node');
  await filter.fill('4930');
  await page.getByText('1 of 2 up').waitFor();
  await filter.fill('nobody-of-this-name');
  await page.getByText('No call that is up is like that').waitFor();
  assert.equal(await page.evaluate('globalThis.wasExecuted'), undefined);
  assert.deepEqual(browser.complaints(), []);
  await page.context().close();
});

test('reports tell calls apart by cause, and give their data along', { skip }, async () => {
  await withPage(async (page) => {
    await page.goto(`${who().origin}/console${REPORTS}`);
    const causes = page.getByRole('region', { name: 'Figures by Hangup cause' });
    await causes.getByRole('row', { name: /^NORMAL_CLEARING, answered/ }).waitFor();
    assert.equal(await page.locator('.chart canvas').count(), 8);
    await page.getByLabel('By', { exact: true }).selectOption('node');
    await page
      .getByRole('region', { name: 'Figures by First server' })
      .getByRole('row', { name: /^fs01/ })
      .waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Data of ASR as CSV' }).click(),
    ]);
    const text = Buffer.concat(await (await file.createReadStream()).toArray()).toString();
    assert.match(text, /^step \(Europe\/Berlin\),ASR \(%\)\r\n2\d{3}-/);
  });
});

test('a file is looked at before it is stored: what it does, and what is wrong in which line', {
  skip,
}, async () => {
  const choose = (page: Page, lines: string[]) =>
    page.getByLabel('File').setInputFiles({
      name: 'users.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`${lines.join('\n')}\n`),
    });
  const head = 'domain,user_id,password';
  const json = { 'content-type': 'application/json' };
  await place.ask('/v1/domains', {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ name: 'csv.test', tenant: 'default' }),
  });
  await withPage(async (page) => {
    await page.getByRole('link', { name: 'Provisioning' }).click();
    await choose(page, [head, 'csv.test,2001,secret-1', 'csv.test,20 02,secret-2']);
    await page.getByText('2 rows: 1 to make, 0 to change, 0 as they are, 1 cannot be.').waitFor();
    await page
      .getByRole('region', { name: 'What is wrong' })
      .getByRole('row', { name: /^3 user_id/ })
      .waitFor();
    assert.equal(await page.getByRole('button', { name: /^Store/ }).count(), 0);

    await choose(page, [head, 'csv.test,2001,secret-1', 'csv.test,2002,secret-2']);
    await page.getByText('2 rows: 2 to make').waitFor();
    const { items } = await place.ask<{ items: unknown[] }>('/v1/users?domain=csv.test');
    assert.equal(items.length, 0, 'a preview stores nothing');
    await page.getByRole('button', { name: 'Store 2 rows' }).click();
    await page.getByText('2 rows: 2 made').waitFor();
    await page
      .getByRole('region', { name: 'Users' })
      .getByRole('row', { name: /^2002 csv.test/ })
      .waitFor();
  });
});
