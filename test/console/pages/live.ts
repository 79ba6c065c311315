import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE } from '../hostile-call.ts';
import type { Scene } from '../scene.ts';

const ABOUT = { tenant: null, domain: null, caller: '+4930123', callee: '1001', nodes: ['fs01', 'fs02'] };
const EVENTS: readonly (readonly [string, unknown])[] = [
  [
    'snapshot',
    {
      reason: 'no-id',
      calls: [{ ...ABOUT, call_id: 'a', start_us: 1, answer_us: null }],
      calls_complete: true,
      nodes: [],
    },
  ],
  ['call-started', { ...ABOUT, call_id: 'b', caller: HOSTILE.name, at_us: 2 }],
  ['call-answered', { ...ABOUT, call_id: 'a', at_us: 3 }],
];

export function testLive(scene: () => Scene): void {
  test('the live page shows what the stream tells, filters as one types, and says when the stream is lost', async () => {
    const body = EVENTS.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join('');
    await scene().visit(
      '/live',
      async (page) => {
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
      },
      {
        prepare: async (page) => {
          await page.route('**/v1/live', (route) =>
            route.fulfill({ contentType: 'text/event-stream', body }),
          );
        },
      },
    );
  });

  test('a stream that never came is no empty fleet', async () => {
    await scene().visit(
      '/live',
      async (page) => {
        await page.getByText('What is up is not known').waitFor();
        assert.equal(await page.getByText('No call is up').count(), 0);
      },
      {
        tolerates: /503/,
        prepare: async (page) => {
          await page.route('**/v1/live', (route) =>
            route.fulfill({ status: 503, json: { code: 'live-busy' } }),
          );
        },
      },
    );
  });
}
