import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiOver } from '../../support/api/api.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

const PATIENCE_MS = 3_000;

test('searches of one tenant keep nobody else waiting, however many they are and however long they take', async (t) => {
  const { connectionString } = await testDatabase(t);
  const { ask, pool, token } = apiOver(t, connectionString, undefined, { searchMs: 20_000 });
  for (const name of ['alpha', 'bravo']) await ask('POST', '/v1/tenants', { body: { name } });
  const [alpha, bravo] = [await token('analyst', 'alpha'), await token('analyst', 'bravo')];
  const blocker = await pool.connect();
  await blocker.query('begin; lock table calls');
  const slow = Array.from({ length: 60 }, () => ask('GET', '/v1/calls', { token: alpha }));
  const soon = async (url: string, asker?: string) => {
    const answer = ask('GET', url, asker === undefined ? {} : { token: asker });
    const first = await Promise.race([answer, sleep(PATIENCE_MS, undefined, { ref: false })]);
    return first?.status ?? 'waits';
  };
  try {
    assert.deepEqual(
      [await soon('/v1/tenants'), await soon('/v1/legs?uuid=none', bravo), await soon('/v1/access', alpha)],
      [200, 200, 200],
    );
    const { body } = await Promise.race(slow);
    assert.equal(body.code, 'searches-busy', 'more than can wait are turned away at once');
  } finally {
    await blocker.query('rollback');
    blocker.release();
  }
  const codes = new Set((await Promise.all(slow)).map(({ status, body }) => body.code ?? status));
  assert.deepEqual([...codes].sort(), [200, 'searches-busy']);
});
