import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../support/until.ts';
import { anotherCdr, postCdr } from '../hostile-call.ts';
import { asInbound, asOutbound } from '../other-cdr.ts';
import type { Scene } from '../scene.ts';

/** A number that nobody else calls. */
const DID = '+442079460000';
const DAY_MS = 86_400_000;
const dayFromNow = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
/** The clock of the run is ahead of ours. */
export const REPORTS = `/reports?from=${dayFromNow(-1)}&to=${dayFromNow(1)}`;

export function testReports(scene: () => Scene): void {
  test('reports are of the time that is written, by the clock of the chosen zone', async () => {
    await scene().visit('/reports', async (page) => {
      await page.getByLabel('When').selectOption('between');
      await page.getByLabel('From', { exact: true }).fill('2026-11-20 10:00');
      await page.getByLabel('To', { exact: true }).fill('2026-11-20 09:00');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.getByRole('alert').filter({ hasText: 'the earlier one first' }).waitFor();
      await page.getByLabel('To', { exact: true }).fill('2026-11-20 12:00');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.getByText('No calls in this time').waitFor();
      const query = new URL(page.url()).searchParams;
      assert.equal(query.get('from'), '2026-11-20T09:00:00.000000Z');
    });
  });

  test('reports tell calls apart by cause, and give their data along', async () => {
    await scene().visit(REPORTS, async (page) => {
      const causes = page.getByRole('region', { name: 'Figures by Hangup cause' });
      await causes.getByRole('row', { name: /^NORMAL_CLEARING, answered/ }).waitFor();
      await until('each figure is drawn', async () => (await page.locator('.chart canvas').count()) === 8);
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

  test('dragging over a chart asks for that time, with the time before beside it; the heat map has its hours', async () => {
    await scene().visit(REPORTS, async (page) => {
      const attempts = page.locator('.totals > div').filter({ hasText: 'Attempts' });
      await attempts.getByText(/^before: (–|\d+)$/).waitFor();
      const heat = page.getByRole('region', { name: 'Attempts by weekday and hour' });
      const told = (await heat.getByRole('cell').allTextContents()).filter((text) => text !== '');
      const all = Number.parseInt((await attempts.locator('dd').textContent()) ?? '', 10);
      // of one day each hour is its own mean; other tests make some calls meanwhile
      const sum = told.reduce((total, text) => total + Number(text), 0);
      assert.ok(all > 20 && Math.abs(sum - all) <= 5, `${sum} of ${all}`);

      const plot = page.locator('.chart .u-over').first();
      const box = await plot.boundingBox();
      assert.ok(box !== null);
      await page.mouse.move(box.x + box.width * 0.25, box.y + 40);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 4 });
      await page.mouse.up();
      const wide = new URL(`http://x${REPORTS}`).searchParams;
      const bounds = (query: URLSearchParams) =>
        ['from', 'to'].map((name) => Date.parse(query.get(name) ?? '')) as [number, number];
      const [from, to] = bounds(wide);
      await page.waitForURL((url) => bounds(url.searchParams)[0] > from + DAY_MS / 4);
      const [zoomedFrom, zoomedTo] = bounds(new URL(page.url()).searchParams);
      const share = (zoomedTo - zoomedFrom) / (to - from);
      assert.ok(share > 0.45 && share < 0.55, `it zoomed to ${share}`);
      await page.getByLabel('From', { exact: true }).waitFor();
      await page.goBack();
      await page.waitForURL((url) => bounds(url.searchParams)[0] === from);
    });
  });

  test('calls that went out are told apart by trunk, country and prefix, and those that came in by DID', async () => {
    const { place, post } = scene();
    await post('/v1/domains', { name: 'reports.test', tenant: 'default' });
    await post('/v1/dids', {
      ...{ did: DID, domain: 'reports.test', dest_type: 'extension', destination: '1001' },
    });
    const { uuid, document } = await anotherCdr(place);
    await postCdr(place, uuid, asOutbound(document, { called: '+390612345678', trunk: 'carrier-it' }));
    const inbound = await anotherCdr(place);
    await postCdr(place, inbound.uuid, asInbound(inbound.document, DID));
    const span = REPORTS.slice(REPORTS.indexOf('?') + 1);
    const isCounted = async () => {
      const paths = [`destinations?by=country&${span}`, `kpis?by=did&did=${encodeURIComponent(DID)}&${span}`];
      const told = await Promise.all(
        paths.map((path) => place.ask<{ items: unknown[] }>(`/v1/reports/${path}`)),
      );
      return told.every(({ items }) => items.length > 0);
    };
    await until('it is counted', isCounted, 40_000);
    await scene().visit(REPORTS, async (page) => {
      for (const [by, label, row] of [
        ['trunk', 'Trunk', /^carrier-it 1 100\.0/],
        ['country', 'Country, outbound', /^\+39 Italy 1 /],
        ['prefix', 'Prefix, outbound', /^\+?39\d* 1 /],
        ['tenant', 'Tenant', /\d/],
        ['did', 'DID', /^\+442079460000 1 100\.0/],
      ] as const) {
        await page.getByLabel('By', { exact: true }).selectOption(by);
        const figures = page.getByRole('region', { name: `Figures by ${label}` });
        await figures.getByRole('row', { name: row }).first().waitFor();
      }
    });
  });
}
