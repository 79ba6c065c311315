import type { AuditPage } from '../api/contract.ts';
import { useResource } from '../api/resource.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { useSession } from '../session.ts';
import { at } from '../time/instant.ts';
import { Moment } from '../time/moment.tsx';

const AUDITED = 100;

/** Who changed what. */
export function Changes() {
  const { api } = useSession();
  const resource = useResource('audit', (signal) =>
    api.ask<AuditPage>(`/v1/audit?limit=${AUDITED}`, { signal }),
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

const CHANGES: readonly Column<AuditPage['items'][number]>[] = [
  { name: 'When', show: ({ at: when }) => <Moment us={at(when)} /> },
  { name: 'Who', show: ({ actor, role }) => `${actor} (${role})` },
  { name: 'From', show: ({ address }) => address ?? '–' },
  { name: 'Did', show: ({ action }) => action },
  { name: 'What', show: ({ resource }) => resource },
  { name: 'Which', isText: true, show: ({ key }) => key },
];
