import pg from 'pg';
import { type Config, type Environment, loadConfig } from '../../../libs/config/config.ts';
import type { Database } from '../../../libs/postgres/database.ts';
import { type Testing, testDatabase } from '../stack/test-database.ts';

export const SECRETS_KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';

/** A fresh migrated database, pools to it, and a configuration that names it. */
export interface Provisioned {
  config: Config;
  pool: pg.Pool;
  database: Database;
  connectionString: string;
  /** Runs `stop` after the test and before the pool is closed; the last one given first. */
  defer(stop: () => Promise<void> | void): void;
}

/** Opens a test database for services that answer from memory; closed after the test. */
export async function provisionedDatabase(t: Testing, environment: Environment = {}): Promise<Provisioned> {
  const { connectionString } = await testDatabase(t);
  const pool = new pg.Pool({ connectionString, max: 4, connectionTimeoutMillis: 5_000 });
  pool.on('error', () => undefined);
  const stops: (() => Promise<void> | void)[] = [];
  t.after(async () => {
    for (const stop of stops.reverse()) await stop();
    await pool.end();
  });
  const config = loadConfig({
    DATABASE_URL: connectionString,
    FREESWITCH_PASSWORD: 'secret',
    KAMAILIO_PASSWORD: 'secret',
    SECRETS_KEY,
    DIRECTORY_PORT: '0',
    ROUTING_PORT: '0',
    ...environment,
  });
  return {
    config,
    pool,
    database: { write: pool, read: pool },
    connectionString,
    defer: (stop) => void stops.push(stop),
  };
}
