import { Type } from 'typebox';
import type { Pool } from '../../../libs/postgres/database.ts';
import type { PartitionedTable } from '../../../libs/postgres/partition-keeper.ts';
import { nullable } from '../../../libs/records/variables.ts';
import { toInstant } from '../../../libs/store/search/instant.ts';
import { listServiceStatus, type StoredServiceStatus } from '../../../libs/store/service-status.ts';
import { countRejects, readPartitionedTables } from '../../../libs/store/system.sql.ts';
import type { ApiRoutes } from '../api-routes.ts';

export interface SystemOptions {
  /** the primary: services say there how they are */
  pool: Pool;
  /** what is partitioned, and how long it is kept */
  tables: readonly PartitionedTable[];
}

/** A service writes its row every 5 s: one that is silent for longer than this is not well. */
const SILENT_SECONDS = 20;
const Instant = Type.String({ format: 'date-time' });

const ServiceItem = Type.Object({
  service: Type.String(),
  instance: Type.String(),
  version: Type.String(),
  ready: Type.Boolean(),
  reasons: Type.Array(Type.String(), { description: 'why it is not ready' }),
  started_at: Instant,
  silent_seconds: Type.Number({ description: 'since it said something' }),
  is_silent: Type.Boolean({
    description: `for more than ${SILENT_SECONDS} s: it does not run, or cannot write`,
  }),
  lag_records: nullable(Type.Number()),
  lag_seconds: nullable(Type.Number()),
  snapshot_age_seconds: nullable(Type.Number({ description: 'age of the snapshot that it answers from' })),
});

const System = Type.Object({
  services: Type.Array(ServiceItem),
  consumers: Type.Array(
    Type.Object({
      group: Type.String({ description: 'consumer group: the service of this name' }),
      instances: Type.Integer(),
      lag_records: Type.Number({ description: 'records still to apply' }),
      lag_seconds: Type.Number({ description: 'age of the oldest of them' }),
      partitions: Type.Array(
        Type.Object({
          topic: Type.String(),
          partition: Type.Integer(),
          records: Type.Number({ description: 'still to apply' }),
          seconds: Type.Number({ description: 'age of the oldest of them' }),
        }),
        { description: 'those that are behind, the furthest first' },
      ),
    }),
  ),
  rejects: Type.Array(
    Type.Object({
      reason: Type.String(),
      total: Type.Integer(),
      open: Type.Integer({ description: 'not replayed yet' }),
      last_received_at: Instant,
    }),
  ),
  tables: Type.Array(
    Type.Object({
      table: Type.String(),
      unit: Type.Enum(['month', 'day'], { description: 'what a partition holds' }),
      kept: nullable(Type.Integer({ description: 'units that are kept; null: all' })),
      partitions: Type.Integer(),
      oldest: nullable(Type.String()),
      newest: nullable(Type.String()),
      bytes: Type.Number({ description: 'with indexes' }),
      rows: Type.Number({ description: 'as PostgreSQL estimates them' }),
      stray_rows: Type.Number({ description: 'in the default partition, as PostgreSQL estimates them' }),
    }),
  ),
});

/** `GET /v1/system`: how switchfleet itself is doing. */
export function addSystemRoutes(app: ApiRoutes, { pool, tables }: SystemOptions): void {
  app.get(
    '/v1/system',
    {
      config: { access: { role: 'operator', tenant: 'fleet' } },
      schema: {
        summary: 'Services, what consumers have still to do, rejects, partitions and how long they are kept',
        tag: 'system',
        response: { 200: System },
      },
    },
    async () => {
      const services = await listServiceStatus(pool);
      const states = await readPartitionedTables(
        pool,
        tables.map(({ table }) => table),
      );
      return {
        services: services.map(toServiceItem),
        consumers: toConsumers(services),
        rejects: await countRejects(pool),
        tables: states.map((state) => ({ ...state, ...keptOf(tables, state.table) })),
      };
    },
  );
}

function toServiceItem(status: StoredServiceStatus) {
  const { service, instance, version, health, silentSeconds } = status;
  const isSilent = silentSeconds > SILENT_SECONDS;
  return {
    ...{ service, instance, version },
    ready: health.ready && !isSilent,
    reasons: isSilent ? [...health.reasons, 'it says nothing'] : health.reasons,
    started_at: toInstant(status.startedAtUs),
    silent_seconds: silentSeconds,
    is_silent: isSilent,
    lag_records: status.lagRecords,
    lag_seconds: status.lagSeconds,
    snapshot_age_seconds: status.snapshotAgeSeconds,
  };
}

/** By group: its members share the partitions, so what each has still to do adds up. */
function toConsumers(services: readonly StoredServiceStatus[]) {
  const alive = services.filter(
    ({ lagRecords, silentSeconds }) => lagRecords !== null && silentSeconds <= SILENT_SECONDS,
  );
  return [...Map.groupBy(alive, ({ service }) => service)].map(([group, members]) => ({
    group,
    instances: members.length,
    lag_records: members.reduce((sum, { lagRecords }) => sum + (lagRecords ?? 0), 0),
    lag_seconds: Math.max(...members.map(({ lagSeconds }) => lagSeconds ?? 0)),
    partitions: behindOf(members),
  }));
}

/** While a partition moves from one member to another both may tell of it: each is told once. */
function behindOf(members: readonly StoredServiceStatus[]) {
  const lags = members
    .flatMap(({ partitionLags = [] }) => partitionLags)
    .filter(({ records }) => records > 0);
  const each = new Map(lags.map((lag) => [`${lag.topic} ${lag.partition}`, lag]));
  return [...each.values()].sort((a, b) => b.seconds - a.seconds || b.records - a.records);
}

function keptOf(tables: readonly PartitionedTable[], name: string) {
  const table = tables.find((candidate) => candidate.table === name);
  return { unit: table?.unit ?? 'month', kept: table?.keep ?? null };
}
