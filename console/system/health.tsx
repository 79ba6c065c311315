import type { SystemState } from '../api/contract.ts';
import { usePolling, useResource } from '../api/resource.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Mark } from '../parts/mark.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { useSession } from '../session.ts';
import { formatSeconds } from '../time/duration.ts';
import { at } from '../time/instant.ts';
import { Moment } from '../time/moment.tsx';

const POLL_MS = 5_000;

/** Services, what consumers have still to do, and how full the tables are. */
export function Health() {
  const { api } = useSession();
  const resource = useResource('system', (signal) => api.ask<SystemState>('/v1/system', { signal }));
  usePolling(resource.reload, POLL_MS);
  return (
    <ResourceView resource={resource}>
      {({ services, consumers, tables }) => (
        <>
          <h2>Services</h2>
          <DataTable
            label="Services"
            rows={services}
            keyOf={({ service, instance }) => `${service} ${instance}`}
            columns={SERVICES}
          />
          <h2>Still to do</h2>
          <DataTable label="Consumers" rows={consumers} keyOf={({ group }) => group} columns={CONSUMERS} />
          <Partitions consumers={consumers} />
          <h2>Tables and how long they are kept</h2>
          <DataTable label="Tables" rows={tables} keyOf={({ table }) => table} columns={TABLES} />
        </>
      )}
    </ResourceView>
  );
}

const SERVICES: readonly Column<SystemState['services'][number]>[] = [
  { name: 'Service', show: ({ service }) => service },
  {
    name: 'State',
    show: ({ ready, reasons }) => (
      <>
        <Mark tone={ready ? 'good' : 'bad'}>{ready ? 'ready' : 'not ready'}</Mark>
        {reasons.length > 0 && <div class="quiet reason">{reasons.join('; ')}</div>}
      </>
    ),
  },
  { name: 'Instance', show: ({ instance }) => instance },
  { name: 'Version', show: ({ version }) => version },
  { name: 'Since', show: ({ started_at }) => <Moment us={at(started_at)} /> },
  {
    name: 'Heard of',
    isNumber: true,
    show: ({ silent_seconds }) => `${formatSeconds(Math.max(0, silent_seconds))} ago`,
  },
  {
    name: 'Snapshot',
    isNumber: true,
    show: ({ snapshot_age_seconds: age }) => (age === null ? '–' : `${formatSeconds(age)} old`),
  },
];

const CONSUMERS: readonly Column<SystemState['consumers'][number]>[] = [
  { name: 'Consumer', show: ({ group }) => group },
  { name: 'Instances', isNumber: true, show: ({ instances }) => instances },
  { name: 'Records to apply', isNumber: true, show: ({ lag_records }) => lag_records },
  { name: 'Age of the oldest', isNumber: true, show: ({ lag_seconds }) => formatSeconds(lag_seconds) },
];

const TABLES: readonly Column<SystemState['tables'][number]>[] = [
  { name: 'Table', show: ({ table }) => table },
  { name: 'Kept', show: ({ kept, unit }) => (kept === null ? 'all' : `${kept} ${unit}s`) },
  { name: 'Partitions', isNumber: true, show: ({ partitions }) => partitions },
  { name: 'Oldest', show: ({ oldest }) => periodOf(oldest) },
  { name: 'Newest', show: ({ newest }) => periodOf(newest) },
  { name: 'Size, MB', isNumber: true, show: ({ bytes }) => (bytes / 1e6).toFixed(1) },
  { name: 'Rows, about', isNumber: true, show: ({ rows }) => (rows > 0 ? Math.round(rows) : '–') },
  {
    name: 'Outside all partitions',
    isNumber: true,
    show: ({ stray_rows }) => Math.max(0, Math.round(stray_rows)),
  },
];

/** A partition is named by its month or day: `legs_p202611` → `2026-11`. */
function periodOf(partition: string | null): string {
  const digits = /_p(\d{6,8})$/.exec(partition ?? '')?.[1];
  if (digits === undefined) return partition ?? '–';
  return [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].filter((part) => part !== '').join('-');
}

type Consumer = SystemState['consumers'][number];

type Lag = Consumer['partitions'][number] & { group: string };

/** Records are under way for as long as that: it is no lag. */
const USUAL_SECONDS = 10;
const MOST_PARTITIONS = 200;

/** Each partition in which a consumer has something to do, the one that is the furthest behind first: a sum does not show one among many. */
function Partitions({ consumers }: { consumers: readonly Consumer[] }) {
  const lags = consumers
    .flatMap(({ group, partitions }) => partitions.map((lag): Lag => ({ group, ...lag })))
    .sort((a, b) => b.seconds - a.seconds || b.records - a.records);
  const behind = lags.filter(({ seconds }) => seconds > USUAL_SECONDS);
  return (
    <>
      <p class={behind.length === 0 ? 'quiet' : 'note'} role="status">
        {behind.length === 0
          ? `No partition is more than ${USUAL_SECONDS} s behind.`
          : `${behind.length} ${behind.length === 1 ? 'partition is' : 'partitions are'} more than ${USUAL_SECONDS} s behind.`}
      </p>
      <details class="after-head" open={behind.length > 0}>
        <summary>Partitions with records to apply ({lags.length})</summary>
        <DataTable
          label="Partitions"
          rows={lags.slice(0, MOST_PARTITIONS)}
          keyOf={({ group, topic, partition }) => `${group} ${topic} ${partition}`}
          columns={PARTITIONS}
        />
        {lags.length > MOST_PARTITIONS && (
          <p class="quiet">The {MOST_PARTITIONS} that are the furthest behind.</p>
        )}
      </details>
    </>
  );
}

const PARTITIONS: readonly Column<Lag>[] = [
  { name: 'Consumer', show: ({ group }) => group },
  { name: 'Topic', show: ({ topic }) => topic },
  { name: 'Partition', isNumber: true, show: ({ partition }) => partition },
  { name: 'Records to apply', isNumber: true, show: ({ records }) => records },
  { name: 'Age of the oldest', isNumber: true, show: ({ seconds }) => formatSeconds(seconds) },
];
