import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import type { Bus } from '../../../../libs/bus/bus.ts';
import { codeOf } from '../../../../libs/errors/coded-error.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { skipWithoutKafka, testBrokers } from '../../../support/stack/test-brokers.ts';
import { publishKeys, until } from '../recorder.ts';
import { openTestBus } from '../test-bus.ts';

test('a broker that takes connections and answers nothing keeps nobody from the others', {
  skip: await skipWithoutKafka(),
}, async (t) => {
  const sockets = new Set<Socket>();
  const paused = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  paused.listen(0, '127.0.0.1');
  await once(paused, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    paused.close();
  });
  const first = `127.0.0.1:${(paused.address() as AddressInfo).port}`;
  const environment = {
    KAFKA_BROKERS: [first, ...(await testBrokers())].join(','),
    KAFKA_NAMESPACE: `paused-${randomUUID()}`,
    KAFKA_PARTITIONS: '1',
    BUS_TIMEOUT_MS: '1000',
  };
  const isAway = (error: unknown) => assert.equal(codeOf(error), 'bus-unavailable');

  let bus: Bus | undefined;
  await until(async () => {
    bus = await openTestBus(environment).catch((error) => void isAway(error));
    return bus !== undefined;
  }, 'it opens, for who tries again');
  t.after(() => bus?.close());
  await until(
    () =>
      publishKeys(bus as Bus, TOPICS.cdrs, ['a']).then(
        () => true,
        (error) => isAway(error) ?? false,
      ),
    'it publishes',
  );
});
