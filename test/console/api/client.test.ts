import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Api } from '../../../console/api/client.ts';

const BUSY = {
  status: 503,
  body: { code: 'searches-busy', detail: 'other searches are under way: ask again' },
};

/** The answers that requests get, one after the other; the last one again and again. */
function answering(t: TestContext, answers: readonly { status: number; body: unknown }[]) {
  return t.mock.method(globalThis, 'fetch', async (_path: unknown, { signal }: RequestInit = {}) => {
    signal?.throwIfAborted();
    const { status, body } = answers[Math.min(asked(), answers.length - 1)] ?? BUSY;
    return new Response(JSON.stringify(body), { status });
  }).mock;

  function asked(): number {
    return (globalThis.fetch as unknown as { mock: { callCount(): number } }).mock.callCount();
  }
}

test('a report whose turn does not come is asked for again, as it is told', async (t) => {
  const requests = answering(t, [BUSY, BUSY, { status: 200, body: { items: [] } }]);
  assert.deepEqual(await new Api().ask('/v1/reports/kpis'), { items: [] });
  assert.equal(requests.callCount(), 3);
});

test('nobody asks again who left the page, nor what was refused for another reason', async (t) => {
  const requests = answering(t, [BUSY]);
  const page = new AbortController();
  const asked = new Api().ask('/v1/calls', { signal: page.signal });
  page.abort();
  await assert.rejects(asked, { name: 'AbortError' });
  assert.ok(requests.callCount() <= 2);
  t.mock.restoreAll();
  const away = answering(t, [{ status: 503, body: { code: 'database-away', detail: '' } }]);
  await assert.rejects(new Api().ask('/v1/calls'), { code: 'database-away' });
  assert.equal(away.callCount(), 1);
});
