import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { createClock } from '../../../libs/clock/clock.ts';
import { createRetentionClock } from '../../../libs/postgres/retention-clock.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

const YEAR_MS = 365 * 86_400_000;

test('shows what the clock that is behind shows, ours or that of the database, which is asked once a minute', async (t) => {
  const { connectionString } = await testDatabase(t, { migrated: false });
  const pool = new pg.Pool({ connectionString });
  const now = () => Date.now();
  const ahead = createRetentionClock({ pool, clock: createClock({ start: now() + 9 * YEAR_MS }) });
  const behind = createRetentionClock({ pool, clock: createClock({ start: now() - 9 * YEAR_MS }) });
  const first = await ahead.nowUs();
  assert.ok(Math.abs(first / 1000 - now()) < 60_000);
  assert.ok(Math.abs((await behind.nowUs()) / 1000 - now() + 9 * YEAR_MS) < 60_000);
  await pool.end();
  assert.equal(await ahead.nowUs(), first);
  const away = createRetentionClock({ pool, clock: createClock() });
  await assert.rejects(away.nowUs());
});
