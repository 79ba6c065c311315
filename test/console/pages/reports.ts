import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scene } from '../scene.ts';

const DAY_MS = 86_400_000;
const dayFromNow = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
/** The clock of the run is ahead of ours. */
export const REPORTS = `/reports?from=${dayFromNow(-1)}&to=${dayFromNow(1)}`;

export function testReports(scene: () => Scene): void {
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
