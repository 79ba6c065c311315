import { stopAll } from '../../lifecycle/stoppable.ts';
import type { Bus, Subscription } from '../bus.ts';
import type { BusDependencies } from '../dependencies.ts';
import { createAdminLine } from './admin.ts';
import { follow } from './follower.ts';
import { joinGroup } from './group-member.ts';
import { createClientFactory } from './kafka-client.ts';
import { createKafkaMetrics } from './metrics.ts';
import { createSender } from './producer.ts';
import { createPublisher } from './publisher.ts';
import { unavailable } from './time-limit.ts';
import { createNames } from './topic-names.ts';
import { ensureTopics, requireTopics } from './topics.ts';
import { createGroupWatch } from './watched-group.ts';

const CHECK_MS = 5_000;

/**
 * Opens the bus on Kafka and creates the topics that are missing.
 * @throws CodedError `bus-unavailable` when Kafka does not answer in time
 */
export async function openKafkaBus({ config, logger, metrics: registry }: BusDependencies): Promise<Bus> {
  const names = createNames(config.KAFKA_NAMESPACE);
  const openClient = createClientFactory(config, logger);
  const admin = createAdminLine(openClient, config.BUS_TIMEOUT_MS);
  await ensureTopics(admin, { names, config, logger }).catch(async (error) => {
    await admin.close();
    throw error;
  });
  // Once it is open: whoever tries again until Kafka is there registers them once.
  const metrics = createKafkaMetrics(registry);
  const health = createAdminLine(openClient, Math.min(CHECK_MS, config.BUS_TIMEOUT_MS));
  const timeoutMs = config.BUS_TIMEOUT_MS;
  const openSender = () => createSender(openClient, names, timeoutMs);
  const publisher = createPublisher({ openSender, metrics, logger, timeoutMs });
  const context = { openClient, admin, names, config, metrics, logger };
  const subscriptions = new Set<Subscription>();
  let isClosed = false;

  /** Keeps the subscription so that closing the bus stops it, too. */
  async function track(opening: Promise<Subscription>): Promise<Subscription> {
    const subscription = await opening;
    let stopped: Promise<void> | undefined;
    const tracked: Subscription = {
      lag: () => subscription.lag(),
      stop: () => {
        subscriptions.delete(tracked);
        stopped ??= subscription.stop();
        return stopped;
      },
    };
    subscriptions.add(tracked);
    if (isClosed) await tracked.stop();
    return tracked;
  }

  async function close(): Promise<void> {
    isClosed = true;
    await publisher.close();
    await stopAll([...subscriptions]);
    await Promise.all([admin.close(), health.close()]);
  }

  return {
    kind: 'kafka',
    publish: publisher.publish,
    announce: publisher.announce,
    subscribe: async (options) => {
      if (isClosed) throw unavailable('the bus is closed');
      return track(joinGroup(context, options));
    },
    follow: async (options) => {
      if (isClosed) throw unavailable('the bus is closed');
      return track(follow(context, options));
    },
    groupLag: createGroupWatch({ admin: health, names }),
    check: async (topics) => {
      await requireTopics(health, topics?.map(names.topic) ?? names.topics);
      await publisher.open(topics);
    },
    close,
  };
}
