import { randomBytes } from 'node:crypto';
import type { BusRecord, DeliveredRecord } from '../../../libs/bus/bus.ts';
import { NO_CONTEXT } from '../../../libs/calls/call-context.ts';
import type { FleetRecords, FoldOptions } from '../../../libs/calls/fold-fleet.ts';
import type { Clock } from '../../../libs/clock/clock.ts';
import { type Database, openPool } from '../../../libs/postgres/database.ts';
import { TOPICS, type Topic } from '../../../libs/records/topics.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createMerger, type Merger } from '../../../services/merger/merger.ts';
import { createMergerMetrics, type MergerMetrics } from '../../../services/merger/merger-metrics.ts';
import { type RecordingBus, recordingBus } from '../../support/recording-bus.ts';
import { type Testing, testDatabase } from '../../support/stack/test-database.ts';

export const CONFIG = {
  CALL_GRACE_MS: 5_000,
  NODE_LOST_MS: 60_000,
  CALL_RETENTION_MONTHS: 1_200,
  CORRELATION_HEADER: 'X-Call-Correlation-ID',
};

export interface FleetMergers {
  database: Database;
  bus: RecordingBus;
  mergers: Merger[];
  metrics: MergerMetrics[];
  clock: Clock & { nowAtUs: number };
}

export interface FleetMergersOptions {
  /** addresses that are ours */
  proxies?: readonly string[];
  /** milliseconds; no statement takes as long as the default: one that does waits for a lock that nobody gives up */
  timeoutMs?: number;
  /** how far the clock of the mergers is ahead of the database's, microseconds */
  aheadUs?: number;
}

/** Several mergers, as in several processes, on one fresh database. */
export async function fleetMergers(
  t: Testing,
  count: number,
  { proxies = [], timeoutMs = 20_000, aheadUs = 0 }: FleetMergersOptions = {},
): Promise<FleetMergers> {
  const { connectionString } = await testDatabase(t);
  const logger = createLogger({ service: 'test', level: 'silent' });
  const open = () => openPool({ connectionString, name: 'merger test', size: 2, timeoutMs, logger });
  const clock = fixedClock();
  const bus = recordingBus();
  const pools = Array.from({ length: count }, open);
  t.after(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
  });
  const metrics = pools.map(() => createMergerMetrics(createMetrics('merger')));
  const mergers = pools.map((pool, at) =>
    createMerger({
      config: CONFIG,
      clock,
      retentionClock: { nowUs: async () => clock.nowUs() - aheadUs },
      logger,
      metrics: metrics[at] ?? createMergerMetrics(createMetrics('merger')),
      bus,
      database: { write: pool, read: pool },
    }),
  );
  const [write] = pools;
  if (write === undefined) throw new Error('a fleet has at least one merger');
  await write.query(
    'insert into proxies (name, address) select ip, ip::cidr from unnest($1::text[]) as u (ip)',
    [proxies],
  );
  for (const merger of mergers) await merger.refresh();
  return { database: { write, read: write }, bus, mergers, metrics, clock };
}

function fixedClock(): Clock & { nowAtUs: number } {
  const clock = {
    nowAtUs: Date.UTC(2027, 0, 1) * 1000,
    nowUs: () => clock.nowAtUs,
    after: () => () => undefined,
    sleep: async () => undefined,
  };
  return clock;
}

/** What the bus would deliver of a fleet's records. */
export function deliveries({ events, cdrs, nodeEvents }: FleetRecords): DeliveredRecord[] {
  const deliver = (topic: Topic) => (value: { key: string; value: unknown }) => delivered(topic, value);
  return [
    ...events.map((event) => ({ key: event.uuid, value: event })).map(deliver(TOPICS.channelEvents)),
    ...cdrs.map((cdr) => ({ key: cdr.cdr.uuid, value: cdr })).map(deliver(TOPICS.cdrs)),
    ...nodeEvents.map((event) => ({ key: event.node, value: event })).map(deliver(TOPICS.nodeEvents)),
  ];
}

function delivered(topic: Topic, { key, value }: BusRecord): DeliveredRecord {
  return {
    topic,
    key,
    value,
    partition: 0,
    offset: randomBytes(6).readUIntBE(0, 6).toString(),
    publishedUs: 0,
  };
}

/** Applies batches, each merger taking the next one when it is free. */
export async function applyAll(
  mergers: readonly Merger[],
  batches: readonly DeliveredRecord[][],
): Promise<void> {
  const waiting = [...batches];
  await Promise.all(
    mergers.map(async (merger) => {
      for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift())
        await merger.apply(batch);
    }),
  );
}

/** Lets the grace time and the lost-node time pass, twice, so that calls finish and are published. */
export async function settle({ mergers, clock }: FleetMergers): Promise<void> {
  for (let round = 0; round < 2; round++) {
    clock.nowAtUs += 120_000_000;
    for (const merger of mergers) await merger.tick();
  }
}

export const FOLD: FoldOptions = {
  correlationHeader: CONFIG.CORRELATION_HEADER,
  trust: { isKnownPeer: () => false },
  context: NO_CONTEXT,
  nowUs: Date.UTC(2027, 0, 2) * 1000,
  nodeLostMs: CONFIG.NODE_LOST_MS,
};
