import type { Pool } from 'pg';
import type { Health, PartitionLag } from '../lifecycle/stoppable.ts';
import { toMicroseconds } from './time.sql.ts';

/** What an instance says about itself every 5 s. Times in microseconds since 1970; ages and lag in seconds. */
export interface ServiceStatus {
  instance: string;
  service: string;
  version: string;
  health: Health;
  /** records still to apply; null where the service applies none */
  lagRecords: number | null;
  /** age of the oldest of them */
  lagSeconds: number | null;
  /** age of the snapshot it answers from; null where it has none */
  snapshotAgeSeconds: number | null;
  /** of each partition that it has */
  partitionLags?: readonly PartitionLag[];
  startedAtUs: number;
}

/** A status as it was last written, and when, by the database's clock. */
export interface StoredServiceStatus extends ServiceStatus {
  updatedAtUs: number;
  /** how long ago that was, in seconds: both ends on the database's clock */
  silentSeconds: number;
}

/** Writes this instance's own row. */
export async function writeServiceStatus(pool: Pool, status: ServiceStatus): Promise<void> {
  await pool.query(
    `insert into service_status (instance, service, version, health, lag_records, lag_seconds,
       snapshot_age_seconds, started_at, partition_lags, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::float8 / 1000000), $9, clock_timestamp())
     on conflict (instance, service) do update set version = excluded.version, health = excluded.health,
       lag_records = excluded.lag_records, lag_seconds = excluded.lag_seconds,
       snapshot_age_seconds = excluded.snapshot_age_seconds, started_at = excluded.started_at,
       partition_lags = excluded.partition_lags,
       updated_at = excluded.updated_at`,
    [
      status.instance,
      status.service,
      status.version,
      JSON.stringify(status.health),
      status.lagRecords,
      status.lagSeconds,
      status.snapshotAgeSeconds,
      status.startedAtUs,
      status.partitionLags === undefined ? null : JSON.stringify(status.partitionLags),
    ],
  );
}

/** Every instance that said something in the last `withinSeconds` (default a day), by service and instance. */
export async function listServiceStatus(pool: Pool, withinSeconds = 86_400): Promise<StoredServiceStatus[]> {
  const { rows } = await pool.query<StatusRow>(
    `select instance, service, version, health, lag_records, lag_seconds, snapshot_age_seconds, partition_lags,
       ${toMicroseconds('started_at')} as started_us,
       ${toMicroseconds('updated_at')} as updated_us,
       extract(epoch from clock_timestamp() - updated_at)::float8 as silent_seconds
     from service_status
     where updated_at > clock_timestamp() - $1 * interval '1 second'
     order by service, instance`,
    [withinSeconds],
  );
  return rows.map(toStatus);
}

/** Removes this instance's row: it stopped on purpose. */
export async function removeServiceStatus(
  pool: Pool,
  { instance, service }: Pick<ServiceStatus, 'instance' | 'service'>,
): Promise<void> {
  await pool.query('delete from service_status where instance = $1 and service = $2', [instance, service]);
}

/** Removes rows that nobody has written for this long: instances that died and got another name. */
export async function pruneServiceStatus(pool: Pool, olderThanSeconds: number): Promise<number> {
  const { rowCount } = await pool.query(
    `delete from service_status where updated_at < clock_timestamp() - $1 * interval '1 second'`,
    [olderThanSeconds],
  );
  return rowCount ?? 0;
}

interface StatusRow {
  instance: string;
  service: string;
  version: string;
  health: Health;
  lag_records: string | null;
  lag_seconds: number | null;
  snapshot_age_seconds: number | null;
  partition_lags: PartitionLag[] | null;
  started_us: string;
  updated_us: string;
  silent_seconds: number;
}

function toStatus(row: StatusRow): StoredServiceStatus {
  return {
    instance: row.instance,
    service: row.service,
    version: row.version,
    health: row.health,
    lagRecords: row.lag_records === null ? null : Number(row.lag_records),
    lagSeconds: row.lag_seconds,
    snapshotAgeSeconds: row.snapshot_age_seconds,
    ...(row.partition_lags === null ? {} : { partitionLags: row.partition_lags }),
    startedAtUs: Number(row.started_us),
    updatedAtUs: Number(row.updated_us),
    silentSeconds: row.silent_seconds,
  };
}
