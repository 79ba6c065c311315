import { useEffect, useState } from 'preact/hooks';
import { useResource } from '../api/resource.ts';
import type { Call, Page } from '../api/shapes.ts';
import { ResourceView } from '../parts/resource-view.tsx';
import { Empty } from '../parts/states.tsx';
import { useSession } from '../session.ts';
import { CallTable } from './call-table.tsx';

/** Calls, newest first. */
export function CallsPage() {
  const { api } = useSession();
  const resource = useResource('calls', (signal) => api.ask<Page<Call>>('/v1/calls?limit=50', { signal }));
  const [more, setMore] = useState<Page<Call>[]>([]);
  useEffect(() => setMore([]), [resource.data]);
  const next = more.length > 0 ? more.at(-1)?.next_cursor : resource.data?.next_cursor;
  const goOn = async () => {
    if (next === null || next === undefined) return;
    const page = await api.ask<Page<Call>>(`/v1/calls?limit=50&cursor=${encodeURIComponent(next)}`);
    setMore([...more, page]);
  };
  return (
    <>
      <header class="page-head">
        <h1>Calls</h1>
      </header>
      <ResourceView resource={resource}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No calls yet">
              <p>Calls appear here as soon as a node tells of them, or posts a CDR.</p>
            </Empty>
          ) : (
            <>
              <CallTable calls={[...items, ...more.flatMap((page) => page.items)]} />
              {next !== null && (
                <button type="button" onClick={goOn}>
                  Older calls
                </button>
              )}
            </>
          )
        }
      </ResourceView>
    </>
  );
}
