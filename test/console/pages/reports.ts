import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scene } from '../scene.ts';

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
      await page.locator('.chart canvas').first().waitFor();
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
}
