import { usePolling, useResource } from '../api/resource.ts';
import type { Page } from '../api/shapes.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Mark } from '../parts/mark.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { mayDo, useSession } from '../session.ts';
import { formatSeconds } from '../time/duration.ts';
import { Moment } from '../time/moment.tsx';
import type { AuditEntry, SystemState, TokenItem } from './shapes.ts';

const POLL_MS = 5_000;
const AUDITED = 100;

/** How switchfleet itself is doing, and who changed what. */
export function SystemPage() {
  const { access } = useSession();
  const isAdmin = mayDo(access, 'admin', 'fleet');
  return (
    <>
      <header class="page-head">
        <h1>System</h1>
      </header>
      <Tabs
        label="Parts of the system"
        tabs={[
          { name: 'Health', render: () => <Health /> },
          { name: 'Changes', render: () => <Changes /> },
          ...(isAdmin ? [{ name: 'Tokens', render: () => <Tokens /> }] : []),
        ]}
      />
    </>
  );
}

/** An RFC 3339 instant as microseconds. */
const at = (instant: string): number => Date.parse(instant) * 1_000;

function Health() {
  const { api } = useSession();
  const resource = useResource('system', (signal) => api.ask<SystemState>('/v1/system', { signal }));
  usePolling(resource.reload, POLL_MS);
  return (
    <ResourceView resource={resource}>
      {({ services, consumers, rejects, tables }) => (
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
          <h2>CDRs that could not be taken</h2>
          {rejects.length === 0 ? (
            <p class="quiet after-head">None.</p>
          ) : (
            <DataTable label="Rejects" rows={rejects} keyOf={({ reason }) => reason} columns={REJECTS} />
          )}
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

const REJECTS: readonly Column<SystemState['rejects'][number]>[] = [
  { name: 'Reason', show: ({ reason }) => reason },
  { name: 'In all', isNumber: true, show: ({ total }) => total },
  { name: 'Not replayed yet', isNumber: true, show: ({ open }) => open },
  { name: 'Last one', show: ({ last_received_at }) => <Moment us={at(last_received_at)} /> },
];

const TABLES: readonly Column<SystemState['tables'][number]>[] = [
  { name: 'Table', show: ({ table }) => table },
  { name: 'Kept', show: ({ kept, unit }) => (kept === null ? 'all' : `${kept} ${unit}s`) },
  { name: 'Partitions', isNumber: true, show: ({ partitions }) => partitions },
  { name: 'Oldest', show: ({ oldest }) => periodOf(oldest) },
  { name: 'Newest', show: ({ newest }) => periodOf(newest) },
  { name: 'Size, MB', isNumber: true, show: ({ bytes }) => (bytes / 1e6).toFixed(1) },
  { name: 'Rows, about', isNumber: true, show: ({ rows }) => Math.max(0, Math.round(rows)) },
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

function Changes() {
  const { api } = useSession();
  const resource = useResource('audit', (signal) =>
    api.ask<Page<AuditEntry>>(`/v1/audit?limit=${AUDITED}`, { signal }),
  );
  return (
    <ResourceView resource={resource}>
      {({ items, next_cursor }) => (
        <>
          <DataTable label="Changes" rows={items} keyOf={({ id }) => id} columns={CHANGES} />
          {next_cursor !== null && <p class="quiet">The last {AUDITED} changes; the api has them all.</p>}
        </>
      )}
    </ResourceView>
  );
}

const CHANGES: readonly Column<AuditEntry>[] = [
  { name: 'When', show: ({ at: when }) => <Moment us={at(when)} /> },
  { name: 'Who', show: ({ actor, role }) => `${actor} (${role})` },
  { name: 'From', show: ({ address }) => address ?? '–' },
  { name: 'Did', show: ({ action }) => action },
  { name: 'What', show: ({ resource }) => resource },
  { name: 'Which', isText: true, show: ({ key }) => key },
];

function Tokens() {
  const { api } = useSession();
  const resource = useResource('tokens', (signal) =>
    api.ask<Page<TokenItem>>('/v1/tokens?limit=500', { signal }),
  );
  return (
    <ResourceView resource={resource}>
      {({ items }) => (
        <>
          <DataTable label="Tokens" rows={items} keyOf={({ name }) => name} columns={TOKENS} />
          <p class="quiet">
            <code>switchfleet token create</code> and <code>token revoke</code> make and end them.
          </p>
        </>
      )}
    </ResourceView>
  );
}

const TOKENS: readonly Column<TokenItem>[] = [
  { name: 'Name', isText: true, show: ({ name }) => name },
  { name: 'Role', show: ({ role }) => role },
  { name: 'Tenant', show: ({ tenant }) => tenant ?? 'whole fleet' },
  {
    name: 'State',
    show: (token) => (
      <Mark tone={token.revoked_at === null ? 'good' : 'off'}>
        {token.revoked_at === null ? 'counts' : 'revoked'}
      </Mark>
    ),
  },
  { name: 'Until', show: ({ expires_at }) => momentOr(expires_at, 'it is revoked') },
  { name: 'Last used', show: ({ last_used_at }) => momentOr(last_used_at, 'never') },
  { name: 'Made by', isText: true, show: ({ created_by }) => created_by },
];

function momentOr(instant: string | null, otherwise: string) {
  return instant === null ? otherwise : <Moment us={at(instant)} />;
}
