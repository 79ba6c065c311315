import type { TestContext } from 'node:test';
import pg from 'pg';
import { type Clock, createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import type { Service } from '../../../libs/lifecycle/stoppable.ts';
import { openDatabase, type Pool } from '../../../libs/postgres/database.ts';
import { createSecretBox } from '../../../libs/sealing/secret-box.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { type CollectorDependencies, createCollectorService } from '../../../services/collector/service.ts';
import { type RecordingBus, recordingBus } from '../../support/recording-bus.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

const SECRETS_KEY = 'ab'.repeat(32);
const secrets = createSecretBox(SECRETS_KEY);

export interface NodesTable {
  connectionString: string;
  query: pg.Pool['query'];
  add(switchname: string, port: number, password?: string): Promise<void>;
}

/** A fresh database, and what a test does with its table of nodes. */
export async function nodesTable(t: TestContext): Promise<NodesTable> {
  const { connectionString } = await testDatabase(t);
  const pool = new pg.Pool({ connectionString, max: 2 });
  t.after(() => pool.end());
  return {
    connectionString,
    query: pool.query.bind(pool) as pg.Pool['query'],
    add: async (switchname, port, password = 'ClueCon') => {
      await pool.query(
        `insert into nodes (switchname, esl_host, esl_port, esl_password_encrypted) values ($1, '127.0.0.1', $2, $3)`,
        [switchname, port, secrets.seal(password)],
      );
    },
  };
}

export interface TestCollector {
  service: Service;
  bus: RecordingBus;
  metrics: ReturnType<typeof createMetrics>;
  /** while set, none of its queries reaches the database */
  cutOff(isCut: boolean): void;
  /** the state of each followed node, by switchname */
  states(): Record<string, string>;
}

export interface TestCollectorOptions {
  connectionString: string;
  instance?: string;
  limits?: CollectorDependencies['limits'];
  /** shared by several collectors; one of its own by default */
  bus?: RecordingBus;
  clock?: Clock;
}

/** A started collector on a recording bus, stopped when the test ends. */
export async function startCollector(t: TestContext, options: TestCollectorOptions): Promise<TestCollector> {
  const { connectionString, instance = 'one', limits, bus = recordingBus(), clock = createClock() } = options;
  const config = loadConfig({
    DATABASE_URL: connectionString,
    SECRETS_KEY,
    INSTANCE_ID: instance,
    COLLECTOR_PORT: '0',
  });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const metrics = createMetrics('test');
  const database = openDatabase({ config, logger });
  const { cutOff, pool } = severable(database.write);
  const deps = { config, clock, logger, metrics, bus, database: { write: pool, read: pool } };
  const service = createCollectorService(limits === undefined ? deps : { ...deps, limits });
  await service.start();
  t.after(async () => {
    await service.stop();
    await database.stop();
  });
  const states = () => service.health().details?.['nodes'] as Record<string, string>;
  return { service, bus, metrics, states, cutOff };
}

/** A pool between which and its database the network can fail. */
function severable(pool: Pool): { pool: Pool; cutOff: (isCut: boolean) => void } {
  let isAway = false;
  const query = (...args: Parameters<Pool['query']>) =>
    isAway ? Promise.reject(new Error('the database is away for this one')) : pool.query(...args);
  const cutOff = (isCut: boolean) => {
    isAway = isCut;
  };
  return { pool: Object.create(pool, { query: { value: query } }), cutOff };
}
