import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLine } from '../../support/command-line.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

test('report kpis shows the figures of calls by what is asked, and says what it cannot', async (t) => {
  const { connectionString, database } = await testDatabase(t);
  const switchfleet = commandLine(database, connectionString);
  const today = new Date().toISOString().slice(0, 10);
  for (const [disposition, billsec] of [
    ['answered', 90],
    ['busy', null],
  ]) {
    await database.write.query(
      `insert into calls (id, start_at, root_id, state, answer_at, end_at, trunk, disposition, billsec, duration, hangup_cause, digest)
       values (gen_random_uuid(), $1, gen_random_uuid(), 'finished', case when $2 = 'answered' then $1::timestamptz end, $1, 'carrier', $2, $3, $3, 'NORMAL_CLEARING', 'x')`,
      [`${today}T08:30:00Z`, disposition, billsec],
    );
  }
  const span = ['--from', `${today}T08:00`, '--to', `${today}T09:00`];
  const text = await switchfleet('report', 'kpis', ...span, '--by', 'trunk');
  assert.match(text, /TRUNK +ATTEMPTS +ANSWERED +ASR/);
  assert.match(text, /carrier +2 +1 +50 +90/);
  const row = JSON.parse(
    await switchfleet('--json', 'report', 'kpis', ...span, '--step', 'hour', '--only', 'trunk=carrier'),
  );
  assert.deepEqual([row.figures.attempts, row.figures.minutes], [2, 1.5]);
  await assert.rejects(switchfleet('report', 'kpis', ...span, '--by', 'weather'), { code: 'value-refused' });
  await assert.rejects(switchfleet('report', 'kpis', ...span, '--tz', 'Mars'), { code: 'time-zone-invalid' });
  await assert.rejects(switchfleet('report', 'kpis', '--from', 'noon', '--to', today), {
    code: 'time-invalid',
  });
});
