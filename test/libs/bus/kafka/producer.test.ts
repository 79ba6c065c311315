import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kafka } from 'kafkajs';
import { createSender } from '../../../../libs/bus/kafka/producer.ts';
import { createNames } from '../../../../libs/bus/kafka/topic-names.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';

const RECORD = { topic: TOPICS.cdrs, key: 'a', value: Buffer.from('1'), bytes: 2 };

const succeed = async () => undefined;

/** A kafkajs whose producers are numbered; `sendBatch` does what the next of `outcomes` does, and then succeeds. */
function fakeKafka(outcomes: (() => Promise<void>)[], connecting = succeed) {
  const sentBy: number[] = [];
  const disconnected = new Set<number>();
  let producers = 0;
  const openClient = () => {
    const producer = () => {
      producers += 1;
      const number = producers;
      return {
        connect: async () => connecting(),
        disconnect: async () => void disconnected.add(number),
        sendBatch: async () => {
          sentBy.push(number);
          await outcomes.shift()?.();
        },
      };
    };
    return { producer } as unknown as Kafka;
  };
  return { openClient, sentBy, disconnected };
}

const fail = async () => assert.fail('the broker stored it, but its answer was lost');
const hang = () => new Promise<void>(() => undefined);

test('a producer whose request failed sends nothing more: its sequence numbers would be taken for repetitions', async () => {
  const { openClient, sentBy, disconnected } = fakeKafka([succeed, fail]);
  const sender = createSender(openClient, createNames(undefined), 1_000);
  await sender.send([RECORD]);
  await assert.rejects(sender.send([RECORD]));
  await sender.send([RECORD]);
  assert.deepEqual(sentBy, [1, 1, 2]);
  assert.ok(disconnected.has(1), 'the first producer is given up');
  await sender.close();
  assert.ok(disconnected.has(2));
});

test('a producer that does not answer in time sends nothing more either', async () => {
  const { openClient, sentBy } = fakeKafka([hang]);
  const sender = createSender(openClient, createNames(undefined), 50);
  await assert.rejects(sender.send([RECORD]), { code: 'bus-unavailable' });
  await sender.send([RECORD]);
  assert.deepEqual(sentBy, [1, 2]);
  await sender.close();
});

test('a sender that was opened sends with that producer; one that could not be is opened anew', async () => {
  const failures = [new Error('no broker')];
  const { openClient, sentBy } = fakeKafka([], async () => {
    const failure = failures.pop();
    if (failure !== undefined) throw failure;
  });
  const sender = createSender(openClient, createNames(undefined), 1_000);
  await assert.rejects(sender.open(), { message: 'no broker' });
  await sender.open();
  await sender.open();
  await sender.send([RECORD]);
  assert.deepEqual(sentBy, [2]);
  await sender.close();
});
