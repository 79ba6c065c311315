import assert from 'node:assert/strict';
import { test } from 'node:test';
import { switchfleet } from '../../support/command.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

test('switchfleet rollup rebuild builds whole hours, and says what it cannot build', async (t) => {
  const { connectionString, database } = await testDatabase(t);
  const today = new Date().toISOString().slice(0, 10);
  await database.write.query(
    `insert into calls (id, start_at, root_id, state, end_at, digest) values (gen_random_uuid(), $1, gen_random_uuid(), 'finished', $1, 'x')`,
    [`${today}T08:30:00Z`],
  );
  await database.write.query('delete from call_rollup_deltas');
  const run = (...args: string[]) =>
    switchfleet(['rollup', 'rebuild', ...args], { DATABASE_URL: connectionString });
  const hours = ['--from', `${today}T08:00`, '--to', `${today}T09:00`];
  assert.equal((await run(...hours)).code, 0);
  const { rows } = await database.write.query('select attempts::integer from report.traffic_hourly');
  assert.deepEqual(rows, [{ attempts: 1 }]);
  const wrong: [string, string[]][] = [
    ['rollup-span-invalid', ['--from', `${today}T08:10`, '--to', `${today}T09:00`]],
    ['rollup-span-invalid', ['--from', `${today}T09:00`, '--to', `${today}T08:00`]],
    ['rollup-calls-dropped', ['--from', '2001-01-01', '--to', today]],
    ['time-invalid', ['--from', 'yesterday', '--to', today]],
  ];
  for (const [code, args] of wrong) {
    const refused = await run(...args);
    assert.equal(refused.code, 1);
    assert.match(refused.err, new RegExp(code));
  }
});
