import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { until } from '../support/until.ts';
import { makeDataDirectory, startStandalone } from './standalone.ts';

const SERVICES = ['api', 'cdr', 'collector', 'directory', 'merger', 'routing', 'writer'];

test('every service of standalone says that it is ready, with its lag or the age of its snapshot', async (t) => {
  const product = await startStandalone(t, { dataDir: makeDataDirectory(t) });
  const client = new pg.Client({ connectionString: product.databaseUrl });
  // its server stops with the product, and takes the connection along
  client.on('error', () => undefined);
  await client.connect();
  t.after(() => client.end().catch(() => undefined));
  const read = async () => {
    const { rows } = await client.query<{ service: string; lag: string | null; age: number | null }>(
      `select service, lag_records as lag, snapshot_age_seconds as age from service_status
       where (health ->> 'ready')::boolean order by service`,
    );
    return rows;
  };
  await until('all are ready', async () => (await read()).length === SERVICES.length, 20_000);
  const rows = await read();
  assert.deepEqual(
    rows.map(({ service }) => service),
    SERVICES,
  );
  const known = (key: 'lag' | 'age') => rows.filter((row) => row[key] !== null).map(({ service }) => service);
  assert.deepEqual(known('lag'), ['collector', 'merger', 'writer']);
  assert.deepEqual(known('age'), ['directory', 'routing']);
});
