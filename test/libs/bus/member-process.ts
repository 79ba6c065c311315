import { CodedError } from '../../../libs/errors/coded-error.ts';
import type { Topic } from '../../../libs/records/topics.ts';
import { openTestBus, type TestEnvironment } from './test-bus.ts';

/** What the contract test tells a member process to do. */
export type MemberOrder =
  | { do: 'subscribe'; topic: Topic; group: string; holdFirstBatch: boolean }
  | { do: 'release' }
  | { do: 'publish-and-die'; topic: Topic; keys: string[] };

/** What a member process tells. */
export type MemberReport =
  | { saw: 'ready' }
  | { saw: 'batch'; keys: string[]; values: unknown[]; isHeld: boolean }
  | { saw: 'durable' };

/**
 * A process of its own that publishes or subscribes, so that a test can kill it (SIGKILL: no goodbye) or freeze it
 * (SIGSTOP). Its only argument is the environment of its bus, as JSON; orders come and reports go over IPC.
 */
const bus = await openTestBus(JSON.parse(process.argv[2] ?? '{}') as TestEnvironment);
const held = Promise.withResolvers<void>();
process.on('disconnect', () => process.exit(1));

process.on('message', async (order: MemberOrder) => {
  if (order.do === 'release') held.resolve();
  else if (order.do === 'publish-and-die') await publishAndDie(order.topic, order.keys);
  else await subscribe(order);
});
await report({ saw: 'ready' });

async function subscribe(order: Extract<MemberOrder, { do: 'subscribe' }>): Promise<void> {
  let isHeld = order.holdFirstBatch;
  await bus.subscribe({
    topics: [order.topic],
    group: order.group,
    onBatch: async (batch) => {
      const keys = batch.map((record) => record.key);
      await report({ saw: 'batch', keys, values: batch.map((record) => record.value), isHeld });
      if (isHeld) await held.promise;
      isHeld = false;
    },
  });
}

async function publishAndDie(topic: Topic, keys: string[]): Promise<void> {
  await bus.publish(
    topic,
    keys.map((key) => ({ key, value: { key } })),
  );
  await report({ saw: 'durable' });
  process.kill(process.pid, 'SIGKILL');
}

/** Resolves when the parent has it: the process may die right after. */
function report(message: MemberReport): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined)
      return reject(new CodedError('no-parent', 'started without an IPC channel'));
    process.send(message, undefined, {}, (error) => (error === null ? resolve() : reject(error)));
  });
}
