import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProxy } from '../../libs/postgres/proxy.ts';
import { startChild } from '../../support/child-process.ts';
import { freePort } from '../../support/stack/free-port.ts';
import { skipWithoutKafka, testBrokers } from '../../support/stack/test-brokers.ts';
import { until } from '../../support/until.ts';

const NOWHERE = 'kafka://127.0.0.1:1';
const LONG_MS = 60_000;

test('cdr starts before Kafka does: alive, not ready, 503 to posts; and takes them when Kafka is there', {
  skip: await skipWithoutKafka(),
}, async (t) => {
  const kafka = await startProxy(NOWHERE);
  t.after(() => kafka.close());
  const port = await freePort();
  const cdr = startChild({
    entry: 'services/cdr/main.ts',
    environment: {
      KAFKA_BROKERS: new URL(kafka.connectionString).host,
      KAFKA_NAMESPACE: `start-${process.pid}`,
      KAFKA_PARTITIONS: '1',
      FREESWITCH_PASSWORD: 'secret',
      CDR_PORT: String(port),
      DRAIN_MS: '0',
    },
  });
  t.after(() => cdr.stop('SIGKILL'));
  const statusOf = (path: string, method = 'GET') =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Basic ${Buffer.from('freeswitch:secret').toString('base64')}` },
    }).then(
      ({ status }) => status,
      () => 0,
    );
  await until('it is alive', async () => (await statusOf('/health/live')) === 200, LONG_MS);
  assert.equal(await statusOf('/health/ready'), 503);
  assert.equal(await statusOf('/cdr?uuid=a_1', 'POST'), 503);
  await cdr.printed(/cannot start yet, will try again/, LONG_MS);

  const [broker] = await testBrokers();
  kafka.redirect(`kafka://${broker}`);
  await until('it is ready', async () => (await statusOf('/health/ready')) === 200, LONG_MS);
  // FreeSWITCH, too, posts again what was answered 503: the first post to a topic may take Kafka a while
  const isTaken = async () => (await statusOf('/cdr?uuid=a_1', 'POST')) === 200;
  await until('it is kept, if only as a reject', isTaken, LONG_MS);
  assert.equal(await cdr.stop('SIGTERM', LONG_MS), 0);
});
