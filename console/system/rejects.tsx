import { useState } from 'preact/hooks';
import { useResource } from '../api/resource.ts';
import type { Page, Reject } from '../api/shapes.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Mark } from '../parts/mark.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { Empty } from '../parts/states.tsx';
import { useSession } from '../session.ts';
import { Moment } from '../time/moment.tsx';
import { RejectView } from './reject-view.tsx';

const MOST = 100;

/** What nodes posted as CDRs and could not be taken: looked at, mended and replayed one by one. */
export function Rejects() {
  const { api } = useSession();
  const [isOpenOnly, setIsOpenOnly] = useState(true);
  const [id, setId] = useState<string>();
  const resource = useResource(`rejects ${isOpenOnly}`, (signal) =>
    api.ask<Page<Reject>>(`/v1/cdr-rejects?limit=${MOST}&open=${isOpenOnly}`, { signal }),
  );
  return (
    <>
      <p class="choices">
        <label class="check">
          <input type="checkbox" checked={isOpenOnly} onChange={() => setIsOpenOnly(!isOpenOnly)} /> Only what
          was not replayed yet
        </label>
      </p>
      <ResourceView resource={resource}>
        {({ items, next_cursor }) =>
          items.length === 0 ? (
            <Empty title={isOpenOnly ? 'Nothing waits to be looked at' : 'Every CDR was taken'} />
          ) : (
            <>
              <DataTable
                label="Rejected CDRs"
                rows={items}
                keyOf={(reject) => reject.id}
                columns={[...COLUMNS, lookColumn(setId)]}
              />
              {next_cursor !== null && <p class="quiet">The newest {MOST}.</p>}
            </>
          )
        }
      </ResourceView>
      {id !== undefined && (
        <RejectView key={id} id={id} onClose={() => setId(undefined)} onReplayed={resource.reload} />
      )}
    </>
  );
}

const COLUMNS: readonly Column<Reject>[] = [
  { name: 'Received', show: ({ received_us }) => <Moment us={received_us} /> },
  { name: 'Reason', show: ({ reason }) => reason },
  { name: 'Detail', isText: true, show: ({ detail }) => detail },
  { name: 'Node', isText: true, show: ({ switch_name, source_ip }) => switch_name ?? source_ip ?? '–' },
  { name: 'Leg', isText: true, show: ({ uuid }) => (uuid === null ? '–' : <code>{uuid.slice(0, 8)}</code>) },
  { name: 'Times', isNumber: true, show: ({ attempts }) => attempts },
  { name: 'Bytes', isNumber: true, show: ({ bytes }) => bytes },
  {
    name: 'State',
    show: ({ replayed_us }) => (
      <Mark tone={replayed_us === null ? 'warn' : 'good'}>{replayed_us === null ? 'open' : 'replayed'}</Mark>
    ),
  },
];

const lookColumn = (look: (id: string) => void): Column<Reject> => ({
  name: 'Orders',
  show: ({ id, reason }) => (
    <button type="button" data-row onClick={() => look(id)} aria-label={`Look at ${reason} ${id}`}>
      Look
    </button>
  ),
});
