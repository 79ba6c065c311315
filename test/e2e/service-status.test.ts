import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { skipWithoutKafka, testBrokers } from '../support/stack/test-brokers.ts';
import { type Testing, testDatabase } from '../support/stack/test-database.ts';
import { until } from '../support/until.ts';
import { makeDataDirectory, startStandalone } from './standalone.ts';

const SERVICES = ['api', 'cdr', 'collector', 'directory', 'merger', 'routing', 'writer'];

/** A PostgreSQL that runs already, and a Kafka where this machine can have one. */
async function given(t: Testing): Promise<Record<string, string>> {
  const { connectionString, name } = await testDatabase(t, { migrated: false });
  const database = { DATABASE_URL: connectionString };
  if ((await skipWithoutKafka()) !== false) return database;
  return { ...database, KAFKA_BROKERS: (await testBrokers()).join(), KAFKA_NAMESPACE: name };
}

test('standalone uses the database and the brokers it is given, and each service says that it is ready, with its lag or the age of its snapshot', async (t) => {
  const [dataDir, environment] = [makeDataDirectory(t), await given(t)];
  const product = await startStandalone(t, { dataDir, environment });
  const { KAFKA_BROKERS: brokers = 'in the database' } = environment;
  const bus = /^ +bus +(.*)$/m.exec(product.child.output())?.[1];
  assert.equal(bus?.replace('Kafka at ', '').replaceAll(' ', ''), brokers.replaceAll(' ', ''));
  assert.match(product.child.output(), /^ +database +PostgreSQL at /m);
  assert.ok(!existsSync(join(dataDir, 'postgres')), 'it starts no database of its own');
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
  // who is ready may know its lag only when it writes for the second time
  const expected = { all: SERVICES, lag: ['collector', 'merger', 'writer'], age: ['directory', 'routing'] };
  let told: Record<keyof typeof expected, string[]> | undefined;
  const isTold = async () => {
    const rows = await read();
    const namesOf = (key: 'lag' | 'age') =>
      rows.filter((row) => row[key] !== null).map(({ service }) => service);
    told = { all: rows.map(({ service }) => service), lag: namesOf('lag'), age: namesOf('age') };
    return isDeepStrictEqual(told, expected);
  };
  await until('all are ready', isTold, 40_000).catch(() => undefined);
  assert.deepEqual(told, expected);
});
