import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Bus, BusRecord } from '../../../libs/bus/bus.ts';
import { type FleetRecords, foldFleet } from '../../../libs/calls/fold-fleet.ts';
import { codeOf } from '../../../libs/errors/coded-error.ts';
import { openPool, type Pool } from '../../../libs/postgres/database.ts';
import { startEmbeddedServer } from '../../../libs/postgres/embedded-server.ts';
import { migrate } from '../../../libs/postgres/migrate.ts';
import { TOPICS, type Topic } from '../../../libs/records/topics.ts';
import { callsBetween } from '../../../libs/store/call.sql.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { openTestBus } from '../../libs/bus/test-bus.ts';
import { type Child, startChild } from '../../support/child-process.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { until } from '../../support/until.ts';
import { FOLD } from './fleet-mergers.ts';
import { batchesOf, comparable } from './shuffling.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const MIGRATIONS = resolve(import.meta.dirname, '../../../migrations');
const SLICE = 20;
const PATIENCE_MS = 120_000;

/** The database and the bus of mergers. */
export interface Place {
  connectionString: string;
  /** Kills it in the middle, and starts it again. */
  kill?: () => Promise<void>;
}

/** A PostgreSQL of its own, with the settings of the product: it waits for the disk, and may be killed. */
export async function startServer(t: TestContext): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'switchfleet-killed-'));
  await chmod(folder, 0o711);
  const dataDirectory = join(folder, 'data');
  let server = await startEmbeddedServer({ dataDirectory, logger });
  t.after(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const { connectionString } = server;
  await migrate({ connectionString, directory: MIGRATIONS, logger });
  return {
    connectionString,
    kill: async () => {
      process.kill(server.pid, 'SIGKILL');
      await server.ended;
      await server.stop().catch(() => undefined);
      server = await startEmbeddedServer({ dataDirectory, logger });
      assert.equal(server.connectionString, connectionString, 'it is found where it was');
    },
  };
}

async function startMerger(t: TestContext, connectionString: string): Promise<Child> {
  const child = startChild({
    entry: 'services/merger/main.ts',
    environment: {
      DATABASE_URL: connectionString,
      MERGER_PORT: '0',
      BUS_SESSION_MS: '3000',
      CALL_GRACE_MS: '200',
      CALL_RETENTION_MONTHS: '1200',
      LOG_LEVEL: 'info',
    },
  });
  t.after(async () => {
    await child.stop('SIGKILL');
  });
  await child.printed(/merger works/, 60_000);
  return child;
}

function publications({ events, cdrs, nodeEvents }: FleetRecords): [Topic, BusRecord[]][] {
  const slices = (topic: Topic, records: BusRecord[]) =>
    batchesOf(records, SLICE).map((slice): [Topic, BusRecord[]] => [topic, slice]);
  return [
    ...slices(
      TOPICS.channelEvents,
      events.map((event) => ({ key: event.uuid, value: event })),
    ),
    ...slices(
      TOPICS.cdrs,
      cdrs.map((cdr) => ({ key: cdr.cdr.uuid, value: cdr })),
    ),
    ...slices(
      TOPICS.nodeEvents,
      nodeEvents.map((event) => ({ key: event.node, value: event })),
    ),
  ];
}

/** As edges do: again, until it is durable. */
async function publish(bus: Bus, topic: Topic, records: readonly BusRecord[]): Promise<void> {
  await until(
    'published',
    () =>
      bus.publish(topic, records).then(
        () => true,
        (error: unknown) => {
          if (codeOf(error) === 'bus-unavailable') return false;
          throw error;
        },
      ),
    PATIENCE_MS,
  );
}

async function storedCalls(pool: Pool): Promise<unknown[]> {
  const calls = await callsBetween(pool, 0, 4e15).catch(() => []);
  return comparable(calls.filter(({ merged_into }) => merged_into === null));
}

/**
 * Two mergers as processes apply run 01; one is killed in the middle of it, and later the database where it may be. In the
 * end there is what the pure core makes of all records. @throws AssertionError
 */
export async function survives(t: TestContext, { connectionString, kill }: Place): Promise<void> {
  const pool = openPool({ connectionString, name: 'test', size: 2, timeoutMs: 10_000, logger });
  t.after(() => pool.end());
  const bus = await openTestBus({ DATABASE_URL: connectionString, BUS_TIMEOUT_MS: '2000' });
  t.after(() => bus.close());
  const [first] = [await startMerger(t, connectionString), await startMerger(t, connectionString)];

  const records = recordedFleet('run-01');
  const all = publications(records);
  for (const [number, [topic, slice]] of all.entries()) {
    await publish(bus, topic, slice);
    if (number === Math.floor(all.length / 3)) await first.stop('SIGKILL');
    if (number === Math.floor((all.length * 2) / 3)) await kill?.();
  }
  const pure = comparable(foldFleet(records, FOLD).calls);
  assert.ok(pure.length > 10);
  let stored: unknown[] = [];
  const isSame = async () => {
    stored = await storedCalls(pool);
    return isDeepStrictEqual(stored, pure);
  };
  await until('all calls', isSame, PATIENCE_MS).catch(() => assert.deepEqual(stored, pure));
  const timeline = new Set(
    records.events.map(({ uuid, core_uuid, sequence, at_us }) => `${uuid} ${core_uuid} ${sequence} ${at_us}`),
  );
  // calls may be whole before the last event of their timeline is there
  let events = 0;
  const isWhole = async () => {
    const { rows } = await pool.query<{ n: number }>('select count(*)::integer as n from leg_events');
    events = rows[0]?.n ?? 0;
    return events >= timeline.size;
  };
  await until('all events', isWhole, PATIENCE_MS).catch(() => undefined);
  assert.equal(events, timeline.size, 'each event of the timeline is there, once');
}
