import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '../../support/until.ts';
import type { Scene } from '../scene.ts';

/** How often a page asked for the stream; each begins with a snapshot. */
function countStreams(page: Page): () => number {
  let streams = 0;
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/v1/live') streams += 1;
  });
  return () => streams;
}

/** A browser without a window never hides a tab by itself. */
async function showTab(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate(
    `Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
     document.dispatchEvent(new Event('visibilitychange'))`,
  );
}

export function testStream(scene: () => Scene): void {
  test('a stream that is lost for 20 s: the page says how old its numbers are, and goes on when it is back', async () => {
    await scene().visit(
      '/',
      async (page) => {
        await page.getByRole('row', { name: /fs01/ }).waitFor();
        await page.context().setOffline(true);
        await page.getByText(/The stream was lost at/).waitFor();
        await page.clock.fastForward(20_000);
        await page.getByText(/These numbers are [2-9]\d s old/).waitFor();
        await page.getByRole('row', { name: /fs01/ }).waitFor();
        await page.context().setOffline(false);
        await page.getByText(/The stream was lost at/).waitFor({ state: 'detached' });
        await page.getByText(/These numbers are .* old/).waitFor({ state: 'detached' });
      },
      {
        tolerates: /ERR_INTERNET_DISCONNECTED|ERR_NETWORK/,
        prepare: (page) => page.clock.install(),
      },
    );
  });

  test('a tab that was hidden for longer asks for the snapshot again when it is seen', async () => {
    let streams = () => 0;
    await scene().visit(
      '/live',
      async (page) => {
        await page.getByText('No call is up').waitFor();
        await showTab(page, 'hidden');
        await page.clock.fastForward(31_000);
        const before = streams();
        await showTab(page, 'visible');
        await until('the stream is asked for again', () => streams() > before, 30_000);
        await page.getByText('No call is up').waitFor();
      },
      {
        prepare: async (page) => {
          streams = countStreams(page);
          await page.clock.install();
        },
      },
    );
  });
}
