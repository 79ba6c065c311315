import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { createListener } from '../../../libs/postgres/listen.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../bus/recorder.ts';
import { createTestLog } from './logger.ts';
import { startProxy } from './proxy.ts';

async function setUp(t: TestContext) {
  const { connectionString } = await testDatabase(t, { migrated: false });
  const proxy = await startProxy(connectionString);
  t.after(() => proxy.close());
  const client = new pg.Client({ connectionString });
  await client.connect();
  t.after(() => client.end());
  const heard: string[] = [];
  let reconnects = 0;
  const listener = createListener({
    connectionString: proxy.connectionString,
    channels: ['news', 'Odd "name"'],
    onNotify: (channel, payload) => void heard.push(`${channel}:${payload}`),
    onReconnect: () => {
      reconnects += 1;
    },
    logger: createTestLog().logger,
    heartbeatMs: 200,
  });
  t.after(() => listener.stop());
  const notify = (channel: string, payload: string) =>
    client.query('select pg_notify($1, $2)', [channel, payload]);
  return { listener, proxy, heard, notify, reconnects: () => reconnects };
}

test('hears every channel from the moment it is ready', async (t) => {
  const { listener, heard, notify } = await setUp(t);
  await listener.ready;
  assert.equal(listener.isConnected, true);
  await notify('news', '1');
  await notify('Odd "name"', '2');
  await notify('other', '3');
  await until(() => heard.length >= 2, 'two notifications');
  assert.deepEqual(heard, ['news:1', 'Odd "name":2']);
});

test('connects again after the connection was cut, and says that it may have missed some', async (t) => {
  const { listener, proxy, heard, notify, reconnects } = await setUp(t);
  await listener.ready;
  assert.equal(reconnects(), 0);
  proxy.cut();
  await until(() => reconnects() === 1, 'it is back');
  await notify('news', 'after');
  await until(() => heard.includes('news:after'), 'it hears again');
});

test('notices a peer that fell silent, without a FIN, within seconds', async (t) => {
  const { listener, proxy, reconnects } = await setUp(t);
  await listener.ready;
  proxy.silence(true);
  await until(() => !listener.isConnected, 'the silence is noticed', 20_000);
  proxy.silence(false);
  await until(() => reconnects() === 1, 'it is back');
});

test('stops while the database is away', async (t) => {
  const { listener, proxy } = await setUp(t);
  await listener.ready;
  await proxy.close();
  await until(() => !listener.isConnected, 'it is lost');
  const stopped = performance.now();
  await listener.stop();
  assert.ok(performance.now() - stopped < 10_000);
});
