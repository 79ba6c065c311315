import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { until } from '../support/until.ts';
import { DIDS, postFortnight } from './fortnight.ts';
import { anotherCdr, postCdr } from './hostile-call.ts';
import { RATE } from './place.ts';
import { CROSS_LEG, openScene, type Scene } from './scene.ts';

/** `npm run screenshots`: every page in both themes, of a recorded run, into docs/images. */
const FOLDER = resolve(import.meta.dirname, '../../docs/images');

/** The clock of the run is ahead of ours. */
const hoursFromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

const PAGES: readonly (readonly [name: string, path: string, shown: string])[] = [
  ['fleet', '/', '.totals div:nth-child(5) dd:not(:has-text("–"))'],
  ['live', '/live', '.live tbody tr:nth-child(5)'],
  ['calls', '/calls?q=answered+%3E2s', '.facets'],
  ['call', `/calls/${CROSS_LEG}`, 'svg.ladder'],
  // before the run, which is a flood beside two weeks of offices
  ['reports', `/reports?from=${hoursFromNow(-7 * 24 - 1)}&to=${hoursFromNow(-1)}`, 'table.heat'],
  ['routing', '/routing?to=%2B442071838750&from=%2B4930123456', 'text=Everything that was considered'],
  ['provisioning', '/provisioning', 'table >> text=1001'],
  ['system', '/system', 'table >> text=merger'],
];

/** Something to look at: a tenant's users, and two weeks of calls. */
async function furnish({ post, place }: Scene): Promise<void> {
  await post('/v1/tenants', { name: 'acme', description: 'Acme Ltd' });
  await post('/v1/domains', { name: 'sip.example.com', tenant: 'acme' });
  for (const [user_id, caller_id_name] of [
    ['1001', 'Ada Byron'],
    ['1002', 'Grace Hopper'],
    ['1003', 'Hedy Lamarr'],
  ]) {
    await post('/v1/users', {
      domain: 'sip.example.com',
      user_id,
      caller_id_name,
      password: `pass-${user_id}`,
    });
  }
  for (const [index, [destination, description]] of [
    ['1001', 'London office'],
    ['1002', 'London, sales'],
    ['1003', 'London, support'],
  ].entries()) {
    const did = DIDS[index];
    const where = { domain: 'sip.example.com', dest_type: 'extension' };
    await post('/v1/dids', { did, destination, description, ...where });
  }
  await post('/v1/groups', { domain: 'sip.example.com', name: 'sales', members: ['1001', '1002'] });
  await postFortnight(place);
  const { uuid, document } = await anotherCdr(place);
  await postCdr(place, uuid, document.slice(0, 400));
  place.fleet.load(TRAFFIC);
  // some have ended, some are up
  await until(
    'calls were made',
    async () => (await place.ask<Answered>('/v1/calls?limit=200')).items.length > 80,
    60_000,
  );
}

/** Until the last hour by the clock of the run has figures and curves: the page asks for them once a minute. */
async function lastHourIsTold({ place }: Scene): Promise<void> {
  const nowMs = () => place.standalone.began + (Date.now() - place.standalone.began) * RATE;
  const span = () => {
    const at = (ms: number) => new Date(ms).toISOString();
    return new URLSearchParams({ from: at(nowMs() - 3_600_000), to: at(nowMs()) });
  };
  const told = async () => {
    const { items } = await place.ask<{ items: { figures: { asr: number | null } }[] }>(
      `/v1/reports/kpis?${span()}`,
    );
    const curve = await place.ask<Answered>(`/v1/reports/concurrency?${span()}&node=fs01&step=minute`);
    return items[0]?.figures.asr != null && curve.items.length > 5;
  };
  await until('the last hour is told', told, 60_000);
}

interface Answered {
  items: unknown[];
}

/** By the clock of the run, which is twenty times as fast. */
const TRAFFIC = {
  cps: 2,
  seconds: 3_600,
  only: ({ nodes }: { nodes: readonly string[] }) => nodes.length > 1,
};

async function take(page: Page, origin: string, scheme: string): Promise<void> {
  for (const [name, path, shown] of PAGES) {
    await page.goto(`${origin}/console${path}`);
    await page.locator(shown).first().waitFor();
    await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
    await page.evaluate('document.fonts.ready');
    await page.screenshot({
      path: join(FOLDER, `${name}-${scheme}.png`),
      fullPage: !['calls', 'live'].includes(name),
      animations: 'disabled',
    });
  }
}

const scene = await openScene({ heartbeatMs: 20_000 });
try {
  mkdirSync(FOLDER, { recursive: true });
  await furnish(scene);
  await lastHourIsTold(scene);
  for (const scheme of ['light', 'dark'] as const) {
    const visitor = { scheme, width: 1280, height: 720 };
    const { page, end } = await scene.browser.open(visitor);
    await page.goto(`${scene.origin}/console/`);
    await page.getByLabel('Token').waitFor();
    await page.screenshot({ path: join(FOLDER, `sign-in-${scheme}.png`) });
    await end();
    await scene.visit('/', (opened) => take(opened, scene.origin, scheme), visitor);
  }
} finally {
  await scene.stop();
}
