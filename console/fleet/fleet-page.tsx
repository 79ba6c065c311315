import { useState } from 'preact/hooks';
import { usePolling, useResource } from '../api/resource.ts';
import type { FleetNode } from '../api/shapes.ts';
import { ResourceView } from '../parts/resource-view.tsx';
import { Empty } from '../parts/states.tsx';
import { useSession } from '../session.ts';
import { NodeTable } from './node-table.tsx';
import { type Asked, OrderDialog } from './order-dialog.tsx';
import { type FleetTotals, totalsOf } from './totals.ts';

const POLL_MS = 2_000;

/** The fleet: every node, how it stands, and what it carries. */
export function FleetPage() {
  const { api } = useSession();
  const [asked, setAsked] = useState<Asked>();
  const resource = useResource('nodes', (signal) => api.ask<{ items: FleetNode[] }>('/v1/nodes', { signal }));
  usePolling(resource.reload, POLL_MS);
  const close = () => {
    setAsked(undefined);
    resource.reload();
  };
  return (
    <>
      <header class="page-head">
        <h1>Fleet</h1>
      </header>
      <ResourceView resource={resource}>
        {({ items }) =>
          items.length === 0 ? (
            <NoNodes />
          ) : (
            <>
              <Totals totals={totalsOf(items)} />
              <NodeTable nodes={items} onOrder={setAsked} />
            </>
          )
        }
      </ResourceView>
      {asked !== undefined && <OrderDialog asked={asked} onClose={close} />}
    </>
  );
}

function NoNodes() {
  return (
    <Empty title="No nodes yet">
      <p>
        Name the first server: <code>switchfleet node add fs01 --esl 192.0.2.11:8021</code>
      </p>
    </Empty>
  );
}

function Totals({ totals }: { totals: FleetTotals }) {
  const { nodes, live, sessions, maxSessions, sessionsPerSecond } = totals;
  return (
    <dl class="totals" aria-live="polite" aria-atomic="false">
      <Total name="Nodes live" value={`${live} of ${nodes}`} />
      <Total
        name="Live sessions"
        value={String(sessions)}
        unit={maxSessions > 0 ? `of ${maxSessions}` : ''}
      />
      <Total name="New sessions" value={String(sessionsPerSecond)} unit="/s" />
    </dl>
  );
}

export function Total({ name, value, unit = '' }: { name: string; value: string; unit?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value} <span class="unit">{unit}</span>
      </dd>
    </div>
  );
}
