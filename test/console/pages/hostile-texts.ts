import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFits, moveTo } from '../browser.ts';
import { HOSTILE, postHostileCall } from '../hostile-call.ts';
import type { Scene } from '../scene.ts';

export function testHostileTexts(scene: () => Scene): void {
  test('texts of a hostile caller are shown as text', async () => {
    const id = await postHostileCall(scene().place);
    await scene().visit('/calls', async (page) => {
      const assertHarmless = async (what: string) => {
        assert.equal(await page.evaluate('document.images.length'), 0, what);
        assert.equal(await page.evaluate('globalThis.wasExecuted'), undefined, what);
        await assertFits(page, what);
      };
      await page.getByText(HOSTILE.name).first().waitFor();
      await page.getByText(HOSTILE.number).first().waitFor();
      await assertHarmless('calls');
      await moveTo(page, `/calls/${id}`);
      await page.getByText(HOSTILE.name).first().waitFor();
      await assertHarmless('call');
      for (const tab of ['Legs', 'Events', 'Raw CDRs']) {
        await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
        await assertHarmless(tab);
      }
      const file = await page.evaluate(
        `fetch('/v1/calls/export?format=csv').then((answer) => answer.text())`,
      );
      assert.match(String(file), /"'=HYPERLINK\(""javascript:/, 'no spreadsheet runs it');
    });
  });
}
