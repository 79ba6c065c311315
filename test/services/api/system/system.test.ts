import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../../../libs/config/config.ts';
import { cdrTables } from '../../../../libs/store/cdr-tables.ts';
import { mergerTables } from '../../../../libs/store/merger-tables.ts';
import { apiOver } from '../../../support/api/api.ts';
import { testDatabase } from '../../../support/stack/test-database.ts';

type Row = Record<string, unknown>;

test('the system says how its services, consumers, rejects and partitions are', async (t) => {
  const { connectionString, database } = await testDatabase(t);
  const config = loadConfig({ CALL_RETENTION_MONTHS: '7' });
  const tables = [...mergerTables(config), ...cdrTables(config)];
  const { ask, token } = apiOver(t, connectionString, undefined, { tables });
  const pool = database.write;
  await pool.query(`insert into tenants (name) values ('alpha')`);
  await pool.query(
    `insert into service_status (instance, service, version, health, lag_records, lag_seconds, snapshot_age_seconds, started_at, updated_at) values
     ('m1', 'merger', '1', '{"ready":true,"reasons":[]}', 5, 2.5, null, now(), now()),
     ('m2', 'merger', '1', '{"ready":true,"reasons":[]}', 7, 1, null, now(), now()),
     ('w1', 'writer', '1', '{"ready":true,"reasons":[]}', 900, 9, null, now(), now() - interval '1 minute'),
     ('d1', 'directory', '1', '{"ready":false,"reasons":["no snapshot"]}', null, null, 12.5, now(), now())`,
  );
  const lag = (topic: string, partition: number, records: number, seconds: number) => ({
    topic: `switchfleet.${topic}`,
    partition,
    records,
    seconds,
  });
  await pool.query(`update service_status set partition_lags = $1::jsonb where instance = 'm1'`, [
    JSON.stringify([lag('cdrs', 3, 5, 2.5), lag('cdrs', 4, 0, 0)]),
  ]);
  await pool.query(`update service_status set partition_lags = $1::jsonb where instance = 'm2'`, [
    JSON.stringify([lag('live', 1, 7, 1), lag('cdrs', 3, 5, 2.5)]),
  ]);
  await pool.query(
    `insert into cdr_rejects (reason, detail, path, received_at, last_received_at, replayed_at, body_sha256, body) values
     ('cdr-truncated', '', '/cdr', now(), '2026-11-20T10:00:00Z', null, 'a', ''),
     ('cdr-truncated', '', '/cdr', now(), '2026-11-20T11:00:00Z', now(), 'b', '')`,
  );
  await pool.query(
    `create table calls_2026_11 partition of calls for values from ('2026-11-01Z') to ('2026-12-01Z')`,
  );
  const { status, body, text } = await ask('GET', '/v1/system');
  assert.equal(status, 200, text);
  const services = body['services'] as Row[];
  assert.deepEqual(
    services.map(({ instance, ready, is_silent }) => [instance, ready, is_silent]),
    [
      ['d1', false, false],
      ['m1', true, false],
      ['m2', true, false],
      ['w1', false, true],
    ],
  );
  assert.deepEqual(
    [services[0]?.['reasons'], services[0]?.['snapshot_age_seconds']],
    [['no snapshot'], 12.5],
  );
  const [topic, other] = ['switchfleet.cdrs', 'switchfleet.live'];
  assert.deepEqual(body['consumers'], [
    {
      ...{ group: 'merger', instances: 2, lag_records: 12, lag_seconds: 2.5 },
      // one that moves from one member to the other is told once, one that is not behind is left out
      partitions: [
        { topic, partition: 3, records: 5, seconds: 2.5 },
        { topic: other, partition: 1, records: 7, seconds: 1 },
      ],
    },
  ]);
  assert.deepEqual(body['rejects'], [
    { reason: 'cdr-truncated', total: 2, open: 1, last_received_at: '2026-11-20T11:00:00Z' },
  ]);
  const calls = (body['tables'] as Row[]).find(({ table }) => table === 'calls');
  assert.deepEqual(
    [
      calls?.['unit'],
      calls?.['kept'],
      calls?.['partitions'],
      calls?.['oldest'],
      Number(calls?.['bytes']) > 0,
    ],
    ['month', 7, 1, 'calls_2026_11', true],
  );
  assert.deepEqual(
    (body['tables'] as Row[]).map(({ table }) => table),
    tables.map(({ table }) => table),
  );
  const own = await ask('GET', '/v1/system', { token: await token('admin', 'alpha') });
  assert.deepEqual([own.status, own.body.code], [403, 'fleet-only']);
  assert.equal((await ask('GET', '/v1/system', { token: await token('analyst') })).body.code, 'role-too-low');
});
