import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { PublishingBus } from '../../libs/bus/bus.ts';
import type { BusDependencies } from '../../libs/bus/dependencies.ts';
import { openBus } from '../../libs/bus/open-bus.ts';
import { openPublishingBus } from '../../libs/bus/postgres/publishing-bus.ts';
import type { Published } from '../../libs/bus/published.ts';
import { createClock } from '../../libs/clock/clock.ts';
import { codeOf, messageOf } from '../../libs/errors/coded-error.ts';
import { type Stoppable, stopAll } from '../../libs/lifecycle/stoppable.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createCdrService } from '../cdr/service.ts';
import type { CdrNews, CdrOrder, CdrThreadData } from './cdr-messages.ts';

/**
 * Service cdr in a thread of its own: FreeSWITCH waits for its answers, nobody waits for what the other services of the process do
 * meanwhile. What it published is handed over to their readers.
 */
if (isMainThread || parentPort === null) throw new Error('cdr-thread.ts is the entry of a thread');
const port = parentPort;
const { config } = workerData as CdrThreadData;

const HEALTH_MS = 500;
/** Longer ones are read in yet another thread: they would hold up those behind them. */
const READ_HERE_BYTES = 256 * 1024;
/** Where what arrived is counted. */
let taken: (bytes: number) => void = () => undefined;

const tell = (news: CdrNews, handedOver: ArrayBuffer[] = []) => port.postMessage(news, handedOver);

function openOwnBus(shared: BusDependencies): PublishingBus | Promise<PublishingBus> {
  if (config.KAFKA_BROKERS !== undefined) return openBus(shared);
  // The text of what has no records is the same one each time: it stays here.
  const onPublished = (published: Published) =>
    tell({ is: 'published', published }, published.records.length === 0 ? [] : [published.texts]);
  const bus = openPublishingBus({ ...shared, onPublished });
  taken = bus.taken;
  return bus;
}

async function start(parts: Stoppable[]): Promise<void> {
  const clock = createClock({ began: config.CLOCK_START, rate: config.CLOCK_RATE });
  const logger = createLogger({ service: 'cdr', level: config.LOG_LEVEL });
  const metrics = createMetrics('cdr', { sharesProcess: true });
  const shared = { config, clock, logger, metrics };
  const database = openDatabase({ config, logger, metrics });
  parts.push(database);
  const bus = await openOwnBus(shared);
  parts.push({ stop: () => bus.close() });
  const service = createCdrService({ ...shared, bus, database, readHereBytes: READ_HERE_BYTES });
  parts.push(service);
  await service.start();
  const sayHealth = () => tell({ is: 'health', health: service.health() });
  sayHealth();
  const watch = setInterval(sayHealth, HEALTH_MS);
  parts.push({ stop: async () => clearInterval(watch) });
  tell({ is: 'started', port: service.port ?? config.CDR_PORT });
}

const fail = (error: unknown) => tell({ is: 'failed', message: messageOf(error), code: codeOf(error) });

const parts: Stoppable[] = [];
const starting = start(parts).catch(fail);
port.on('message', async (order: CdrOrder) => {
  if (order.is === 'taken') {
    taken(order.bytes);
    return;
  }
  await starting;
  await stopAll(parts).catch(fail);
  tell({ is: 'stopped' });
});
