import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'node:test';
import pg from 'pg';
import { skipWithoutKafka, testBrokers } from '../support/stack/test-brokers.ts';
import { testDatabase } from '../support/stack/test-database.ts';

test('a test gets a database of its own', async (t) => {
  const [one, two] = await Promise.all([testDatabase(t), testDatabase(t)]);
  assert.notEqual(one.name, two.name);
  const client = new pg.Client({ connectionString: one.connectionString });
  await client.connect();
  const { rows } = await client.query<{ name: string }>('select current_database() as name');
  await client.end();
  assert.deepEqual(rows, [{ name: one.name }]);
});

test('a test gets a Kafka that answers', { skip: await skipWithoutKafka() }, async () => {
  const [broker] = await testBrokers();
  const { hostname, port } = new URL(`kafka://${broker}`);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  socket.destroy();
});
