import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import pg from 'pg';
import { createToken, revokeToken } from '../../../../libs/provisioning/tokens.ts';
import { createLogger } from '../../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../../libs/telemetry/metrics.ts';
import { createApiApp } from '../../../../services/api/api-app.ts';
import { ADMIN } from '../../../support/api/api.ts';
import { storedRun05 } from '../../../support/stored-fleet.ts';
import { until } from '../../../support/until.ts';

/** As RFC 4180 is read: cells of lines, quotes taken away. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end !== ',') rows.push([]);
  }
  return rows.slice(0, -1);
}

test('exports of the calls of run 05', async (t) => {
  const fleet = await storedRun05(t);
  const pool = new pg.Pool({ connectionString: fleet.connectionString, max: 3 });
  const app = createApiApp({
    token: ADMIN,
    pool,
    health: () => ({ ready: true, reasons: [] }),
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics('test'),
  });
  t.after(async () => {
    await app.close();
    await pool.end();
  });
  const get = (url: string) => app.inject({ url, headers: { authorization: `Bearer ${ADMIN}` } });
  const exports = async () => {
    const { rows } = await pool.query<{ count: number }>(
      `select count(*)::integer from pg_stat_activity where application_name = 'switchfleet export' and datname = current_database()`,
    );
    return rows[0]?.count ?? 0;
  };

  await t.test('CSV and NDJSON hold all of it, newest first, with units and a count', async () => {
    const csv = await get('/v1/calls/export?tz=Europe/Berlin');
    assert.equal(csv.statusCode, 200, csv.body);
    const [head, ...rows] = readCsv(csv.body);
    assert.equal(rows.length, fleet.calls.length);
    assert.deepEqual(
      rows.map(([id]) => id),
      fleet.calls.map(({ id }) => id),
    );
    assert.ok(head?.includes('duration_s') && head.includes('pdd_ms'));
    assert.equal(csv.headers['switchfleet-rows'], String(rows.length));
    assert.equal(csv.headers['switchfleet-time-zone'], 'Europe/Berlin');
    assert.equal(csv.trailers['switchfleet-rows'], String(rows.length));
    assert.match(rows[0]?.[1] ?? '', /^2026-11-20 23:1\d:\d\d(\.\d+)?\+01$/);
    const ndjson = await get('/v1/calls/export?format=ndjson&tz=Europe/Berlin');
    const lines = ndjson.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ id }) => id),
      fleet.calls.map(({ id }) => id),
    );
    for (const [at, call] of fleet.calls.entries()) {
      assert.equal(Math.floor(Date.parse(lines[at].start_at)), Math.floor(call.start_us / 1000));
      assert.deepEqual(
        [lines[at].caller, lines[at].nodes, lines[at].mos],
        [call.caller, call.nodes, call.mos],
      );
      assert.deepEqual([lines[at].legs, lines[at].billsec_s], [call.legs, call.billsec]);
      assert.equal(rows[at]?.[head?.indexOf('billsec_s') ?? -1], String(call.billsec ?? ''));
    }
    assert.match(lines[0].start_at, /T23:1\d:\d\d(\.\d+)?\+01:00$/);
  });

  await t.test('filters hold, for legs too', async () => {
    const calls = await get('/v1/calls/export?format=ndjson&node=fs03&disposition=answered');
    const expected = fleet.calls.filter((c) => c.nodes.includes('fs03') && c.disposition === 'answered');
    assert.equal(calls.body.trimEnd().split('\n').length, expected.length);
    const legs = await get('/v1/legs/export?format=ndjson');
    assert.equal(legs.body.trimEnd().split('\n').length, 240);
    const none = await get('/v1/calls/export?number=nobody');
    assert.deepEqual([readCsv(none.body).length, none.headers['switchfleet-rows']], [1, '0']);
  });

  await t.test('what a caller wrote is never a formula, a line or a column', async () => {
    const evil = ['=HYPERLINK("http://evil","x")', '@SUM(1),2', 'a\r\nb,"c', '\t=1', '-1+1', '+1+1'];
    for (const [at, name] of evil.entries()) {
      await pool.query('update calls set caller_id_name = $1 where id = $2', [name, fleet.calls[at]?.id]);
    }
    const { body } = await get('/v1/calls/export');
    const [head = [], ...rows] = readCsv(body);
    const column = head.indexOf('caller_id_name');
    assert.equal(rows.length, fleet.calls.length);
    for (const [at, name] of evil.entries()) {
      const cell = rows[at]?.[column] ?? '';
      assert.doesNotMatch(cell, /^[=+\-@\t\r]/);
      assert.equal(cell.replace(/^'/, ''), name);
    }
    const ndjson = (await get('/v1/calls/export?format=ndjson')).body.split('\n');
    assert.deepEqual(
      evil.map((_, at) => JSON.parse(ndjson[at] ?? '').caller_id_name),
      evil,
    );
  });

  await t.test('a reader that goes away, and one that takes its time, leave nothing behind', async () => {
    await pool.query(
      `insert into calls (id, start_at, root_id, state, digest, caller_id_name)
       select id, call_id_start(id), id, 'finished', '', repeat('x', 400)
       from (select (substr(call_id_floor(timestamptz '2026-11-19' + n * interval '1 s')::text, 1, 14) || '8' || substr(call_id_floor(timestamptz '2026-11-19' + n * interval '1 s')::text, 16, 3) || '-8000-000000000000')::uuid as id from generate_series(1, 20000) as n) as made`,
    );
    await app.listen({ host: '127.0.0.1', port: 0 });
    const address = app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const asked = request({ port, path: '/v1/calls/export', headers: { authorization: `Bearer ${ADMIN}` } });
    const answered = new Promise<void>((resolve) => {
      asked.on('response', (response) => {
        response.pause();
        response.on('error', () => undefined);
        resolve();
      });
    });
    asked.on('error', () => undefined);
    asked.end();
    await answered;
    assert.equal(await exports(), 1);
    const head = await app.inject({
      method: 'HEAD',
      url: '/v1/calls/export',
      headers: { authorization: `Bearer ${ADMIN}` },
    });
    assert.deepEqual([head.statusCode, await exports()], [200, 1], 'a head costs no export');
    asked.destroy();
    await until('the export is gone', async () => (await exports()) === 0, 20_000);
    const lock = await pool.connect();
    try {
      await lock.query('begin; lock table calls in access exclusive mode');
      const waits = request({
        port,
        path: '/v1/calls/export',
        headers: { authorization: `Bearer ${ADMIN}` },
      });
      waits.on('error', () => undefined);
      waits.end();
      const busy = async () =>
        (
          await pool.query(
            `select from pg_stat_activity where application_name = 'switchfleet export' and datname = current_database()
             and wait_event_type = 'Lock' and query like 'declare%'`,
          )
        ).rowCount === 1;
      await until('the export waits for the table', busy, 20_000);
      waits.destroy();
      await until('PostgreSQL works for nobody', async () => (await exports()) === 0, 20_000);
    } finally {
      await lock.query('rollback');
      lock.release();
    }
    const { token } = await createToken(pool, { name: 'leaver', role: 'analyst', createdBy: 'test' });
    const theirs = { authorization: `Bearer ${token}` };
    const left = request({ port, path: '/v1/calls/export', headers: theirs });
    const ended = new Promise<boolean>((resolve) => {
      left.on('response', async (response) => {
        response.on('error', () => undefined).on('close', () => resolve(response.complete));
        await revokeToken(pool, 'leaver');
        const asks = () => app.inject({ url: '/v1/calls', headers: theirs });
        await until('the token is refused', async () => (await asks()).statusCode === 401);
        response.resume();
      });
    });
    left.end();
    assert.equal(await ended, false, 'a file whose token was revoked breaks off');
    const whole = await get('/v1/calls/export?tz=Asia/Kolkata');
    assert.equal(whole.trailers['switchfleet-rows'], String(20_000 + fleet.calls.length));
    assert.equal(readCsv(whole.body).length, 20_001 + fleet.calls.length);
    assert.match(whole.body, /\+05:30/);
  });

  await t.test('one tenant has its part of the places, and the others theirs', async () => {
    await pool.query(`insert into tenants (name) values ('alpha')`);
    await pool.query(
      `update calls set tenant = 'alpha', tenants = '{alpha}' where caller_id_name like 'xxx%'`,
    );
    const alpha = await createToken(pool, {
      name: 'own',
      role: 'analyst',
      tenant: 'alpha',
      createdBy: 'test',
    });
    const address = app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const left: (() => void)[] = [];
    const asked = (token: string) =>
      new Promise<number | undefined>((resolve) => {
        const headers = { authorization: `Bearer ${token}` };
        const asking = request({ port, path: '/v1/calls/export', headers }, (response) => {
          response.on('error', () => undefined).pause();
          resolve(response.statusCode);
        });
        asking.on('error', () => undefined).end();
        left.push(() => asking.destroy());
      });
    const statuses = [];
    for (const token of [alpha.token, alpha.token, alpha.token, ADMIN, ADMIN, ADMIN])
      statuses.push(await asked(token));
    assert.deepEqual(statuses, [200, 200, 503, 200, 200, 503]);
    for (const leave of left) leave();
    await until('no export is left', async () => (await exports()) === 0, 20_000);
    assert.equal(await asked(alpha.token), 200);
    for (const leave of left) leave();
  });
});
