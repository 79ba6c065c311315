import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rebuild } from '../../../../libs/store/rollup.ts';
import { apiOver } from '../../../support/api/api.ts';
import { storedRun05 } from '../../../support/stored-fleet.ts';

interface Line {
  step: string | null;
  by: Record<string, string | null>;
  figures: Record<string, number | null>;
  before?: Record<string, number | null> | null;
}

const HOUR_US = 3_600_000_000;
const SPAN = 'from=2026-11-20T22:00:00Z&to=2026-11-20T23:00:00Z';

test('reports over run 05, from sums', async (t) => {
  const fleet = await storedRun05(t, { 'lab.test': 'alpha', 'beta.example': 'beta' });
  const { ask, token } = apiOver(t, fleet.connectionString);
  const pool = fleet.database.write;
  const report = async (path: string, more: { token?: string } = {}) => {
    const { status, body, text } = await ask('GET', `/v1/reports/${path}`, more);
    assert.equal(status, 200, text);
    return { body, items: (body.items ?? []) as unknown as Line[] };
  };
  const countBy = (value: (call: (typeof fleet.calls)[number]) => string | null) =>
    new Map([...Map.groupBy(fleet.calls, value)].map(([key, calls]) => [key, calls.length]));

  await t.test('figures are those of the calls, by any dimension', async () => {
    const { items, body } = await report(`kpis?${SPAN}`);
    const [all] = items;
    const answered = fleet.calls.filter(({ answer_us }) => answer_us !== null);
    assert.deepEqual(
      [all?.figures['attempts'], all?.figures['answered']],
      [fleet.calls.length, answered.length],
    );
    assert.equal(all?.figures['asr'], Math.round((10_000 * answered.length) / fleet.calls.length) / 100);
    const talk = fleet.calls.reduce((sum, { billsec }) => sum + (billsec ?? 0), 0);
    assert.ok(Math.abs((all?.figures['acd'] ?? 0) - talk / answered.length) < 0.02);
    assert.equal(body['complete'], true);
    for (const [by, value] of [
      ['node', (c) => c.nodes[0] ?? null],
      ['direction', (c) => c.direction],
      ['domain', (c) => c.domain],
      ['tenant', (c) => c.tenant],
      ['trunk', (c) => c.trunk],
      ['hangup_cause', (c) => c.hangup_cause],
      ['disposition', (c) => c.disposition],
    ] as [string, Parameters<typeof countBy>[0]][]) {
      const lines = (await report(`kpis?${SPAN}&by=${by}`)).items;
      assert.deepEqual(
        new Map(lines.map((line) => [line.by[by], line.figures['attempts']])),
        countBy(value),
        by,
      );
      assert.deepEqual(
        lines.map((line) => line.figures['attempts']),
        lines.map((line) => line.figures['attempts'] ?? 0).toSorted((a, b) => b - a),
      );
    }
    const causes = await report(`hangup-causes?${SPAN}`);
    assert.equal(
      causes.items.reduce((sum, line) => sum + (line.figures['attempts'] ?? 0), 0),
      fleet.calls.length,
    );
  });

  await t.test('steps are of the time zone, and the period before stands beside', async () => {
    await pool.query(
      `insert into call_rollups select (r).* from (
         select jsonb_populate_record(c, jsonb_build_object('hour', c.hour - interval '1 day')) as r from call_rollups c where grouping = 'traffic') as copied`,
    );
    const kolkata = await report(
      'kpis?from=2026-11-19T00:00:00Z&to=2026-11-22T00:00:00Z&step=day&tz=Asia/Kolkata',
    );
    assert.deepEqual(
      kolkata.items.map(({ step, figures }) => [step, figures['attempts']]),
      [
        ['2026-11-20T00:00', fleet.calls.length],
        ['2026-11-21T00:00', fleet.calls.length],
      ],
    );
    const day = await report(
      'kpis?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z&step=hour&by=node&compare=true',
    );
    assert.ok(day.items.length >= 3);
    assert.ok(day.items.every(({ figures, before }) => before?.['attempts'] === figures['attempts']));
    assert.deepEqual(day.body['before'], {
      from: '2026-11-19T00:00:00.000000Z',
      to: '2026-11-20T00:00:00.000000Z',
    });
    const month = await report(
      'kpis?from=2026-11-01T00:00:00%2B01:00&to=2026-12-01T00:00:00%2B01:00&tz=Europe/Berlin&compare=true',
    );
    assert.deepEqual(month.body['before'], {
      from: '2026-09-30T22:00:00.000000Z',
      to: '2026-10-31T23:00:00.000000Z',
    });
    assert.equal(month.items[0]?.before, null, 'nothing is not zero');
    await pool.query(`delete from call_rollups where hour < '2026-11-20'`);
  });

  await t.test('a day stands beside the same day of the month before, and beside no other', async () => {
    const days = ['2026-01-27', '2026-01-28', '2026-01-29', '2026-01-30', '2026-01-31', '2026-02-28'];
    await pool.query(
      `insert into call_rollups select (r).* from (
         select jsonb_populate_record(c, jsonb_build_object('hour', day + interval '22 hours')) as r
         from call_rollups c, unnest($1::timestamptz[]) as day where grouping = 'traffic') as copied`,
      [days],
    );
    const span = 'from=2026-02-01T00:00:00Z&to=2026-03-01T00:00:00Z';
    const { length } = fleet.calls;
    for (const [step, expected] of [
      ['day', ['2026-02-28T00:00', length, length]],
      ['hour', ['2026-02-28T22:00', length, length]],
      ['month', ['2026-02-01T00:00', length, 5 * length]],
    ] as const) {
      const { items } = await report(`kpis?${span}&step=${step}&compare=true`);
      assert.deepEqual(
        items.map(({ step: at, figures, before }) => [at, figures['attempts'], before?.['attempts']]),
        [expected],
        step,
      );
    }
    await pool.query(`delete from call_rollups where hour < '2026-11-20'`);
  });

  await t.test('a tenant sees its own figures', async () => {
    const [alpha, beta] = [await token('analyst', 'alpha'), await token('analyst', 'beta')];
    const own = fleet.calls.filter(({ tenant }) => tenant === 'alpha').length;
    for (const path of ['kpis', 'hangup-causes', 'destinations', 'trunks?min_samples=1']) {
      const url = `${path}${path.includes('?') ? '&' : '?'}${SPAN}`;
      assert.deepEqual((await report(url, { token: beta })).items, []);
      assert.equal((await ask('GET', `/v1/reports/${url}&tenant=alpha`, { token: beta })).status, 403);
    }
    assert.equal(
      (await report(`kpis?${SPAN}&by=tenant`, { token: alpha })).items[0]?.figures['attempts'],
      own,
    );
    assert.equal((await report(`kpis?${SPAN}`, { token: alpha })).items.length, 1);
    const curve = (await report(`concurrency?${SPAN}`, { token: beta })).body['items'] as unknown as {
      calls: number;
    }[];
    assert.ok(curve.every(({ calls }) => calls === 0));
  });

  await t.test('the curve of calls that are up is as counting them second by second', async () => {
    const second = (us: number) => Math.floor(us / 1e6);
    const { body } = await report(
      `concurrency?from=2026-11-20T22:00:00Z&to=2026-11-20T23:00:00Z&step=minute`,
    );
    const points = body['items'] as unknown as { step: string; calls: number }[];
    assert.equal(points.length, 60);
    assert.ok(points.some(({ calls }) => calls > 1));
    for (const { step, calls } of points) {
      const minute = Date.parse(`${step}Z`) / 1000;
      const up = Array.from({ length: 61 }, (_, at) => {
        const now = minute + at - 1;
        return fleet.calls.filter((c) => second(c.start_us) <= now && second(c.end_us ?? 0) > now).length;
      });
      assert.equal(calls, Math.max(...up), step);
    }
    const later = await report('concurrency?from=2026-11-20T23:00:00Z&to=2026-11-21T01:00:00Z');
    assert.deepEqual(
      (later.body['items'] as unknown as { calls: number }[]).map(({ calls }) => calls),
      [0, 0],
    );
  });

  await t.test(
    'destinations are those of outbound calls; sums that are missing are said, and made by a rebuild',
    async () => {
      const numbers = ['+4930123456', '+49301999', '+14155550100', '004420123456', '+3531234567', '1001'];
      for (const [at, number] of numbers.entries()) {
        await pool.query(
          `update calls set direction = 'outbound', trunk = 'carrier', callee = $1, billsec = $2, digest = $4 where id = $3`,
          [number, at * 10, fleet.calls[at]?.id, `changed ${at}`],
        );
      }
      const check = async () => {
        const countries = (await report(`destinations?${SPAN}`)).items;
        assert.deepEqual(
          countries.map(({ by, figures }) => [by['country'], figures['attempts']]),
          [
            ['+49', 2],
            [null, 1],
            ['+1', 1],
            ['+353', 1],
            ['+44', 1],
          ],
        );
        const prefixes = (await report(`destinations?${SPAN}&by=prefix&digits=6&order=minutes`)).items;
        assert.deepEqual(
          prefixes.map(({ by }) => by['prefix']),
          [null, '+353123', '+442012', '+141555', '+493019', '+493012'],
        );
        const trunks = (await report(`trunks?${SPAN}&min_samples=6`)).items;
        assert.deepEqual(
          trunks.map(({ by }) => by['trunk']),
          ['carrier'],
        );
        assert.equal(trunks[0]?.figures['mos'], null, 'too few samples');
        assert.deepEqual((await report(`trunks?${SPAN}&min_samples=7`)).items, []);
      };
      await check();
      await pool.query(`delete from call_rollups; delete from call_rollup_deltas`);
      const empty = await report(`kpis?${SPAN}`);
      assert.deepEqual([empty.items, empty.body['complete']], [[], false]);
      assert.deepEqual(empty.body['missing'], { days: 1, first: '2026-11-20', last: '2026-11-20' });
      const hour = Math.floor((fleet.calls.at(-1)?.start_us ?? 0) / HOUR_US) * HOUR_US;
      await rebuild(pool, { fromUs: hour, toUs: hour + 2 * HOUR_US });
      await check();
      assert.equal((await report(`kpis?${SPAN}`)).body['complete'], true);
      await pool.query(`delete from call_rollups where grouping = 'destination'`);
      assert.equal((await report(`kpis?${SPAN}`)).body['complete'], true);
      assert.equal((await report(`destinations?${SPAN}`)).body['complete'], false);
    },
  );

  await t.test('what cannot be asked is refused', async () => {
    for (const [path, code] of [
      ['kpis?from=2026-11-20T22:00:00Z', 'validation'],
      [`kpis?${SPAN}&by=did&by=trunk`, 'report-combination'],
      [`kpis?${SPAN}&by=weather`, 'validation'],
      [`kpis?${SPAN}&tz=%2B02:00`, 'time-zone-invalid'],
      ['kpis?from=2026-11-20T22:00:00Z&to=2026-11-20T22:00:00Z', 'span-invalid'],
      ['concurrency?from=2026-01-01T00:00:00Z&to=2026-11-20T22:00:00Z&step=minute', 'span-too-long'],
    ]) {
      const { status, body } = await ask('GET', `/v1/reports/${path}`);
      assert.deepEqual([status, body.code], [400, code], path);
    }
  });
});
