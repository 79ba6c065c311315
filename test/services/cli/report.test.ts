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
      `insert into calls (id, start_at, root_id, state, direction, callee, answer_at, end_at, trunk, disposition, billsec, duration, hangup_cause, digest)
       values ((left(call_id_floor($1)::text, 24) || right(gen_random_uuid()::text, 12))::uuid, $1, gen_random_uuid(), 'finished', 'outbound', '+493012345', case when $2 = 'answered' then $1::timestamptz end, $1::timestamptz + interval '5 minutes', 'carrier', $2, $3, $3, 'NORMAL_CLEARING', 'x')`,
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
  assert.match(await switchfleet('report', 'kpis', ...span, '--compare'), /BEFORE ATTEMPTS[\s\S]*2 +1 +50/);

  await t.test('why calls ended, where they went, and which trunks can be judged', async () => {
    const causes = await switchfleet('report', 'hangup-causes', ...span);
    assert.match(causes, /HANGUP CAUSE +DISPOSITION +ATTEMPTS/);
    assert.match(causes, /NORMAL_CLEARING +busy +1 +0 /);
    const toCountry = JSON.parse(await switchfleet('--json', 'report', 'destinations', ...span));
    assert.deepEqual([toCountry.by, toCountry.figures.attempts], [{ country: '+49' }, 2]);
    const byMinutes = ['--by', 'prefix', '--digits', '3', '--order', 'minutes'];
    assert.match(await switchfleet('report', 'destinations', ...span, ...byMinutes), /^\+493 +2 /m);
    await assert.rejects(switchfleet('report', 'destinations', ...span, '--by', 'trunk'), {
      code: 'value-refused',
    });
    assert.doesNotMatch(await switchfleet('report', 'trunks', ...span), /carrier/);
    assert.match(await switchfleet('report', 'trunks', ...span, '--min-samples', '2'), /^carrier +2 /m);
  });

  await t.test('how many calls were up at once', async () => {
    const hour = await switchfleet('report', 'concurrency', ...span);
    assert.match(hour, new RegExp(`STEP +CALLS\n${today}T08:00 +2$`, 'm'));
    const years = ['--from', '2020-01-01', '--to', today, '--step', 'hour'];
    await assert.rejects(switchfleet('report', 'concurrency', ...years), { code: 'span-too-long' });
  });

  await t.test('days without sums are no days without calls', async () => {
    await database.write.query('truncate call_rollups, call_rollup_deltas');
    for (const report of ['kpis', 'concurrency'])
      assert.match(await switchfleet('report', report, ...span), /1 days from .* no sums/);
  });
});
