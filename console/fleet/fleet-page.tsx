import { useRef, useState } from 'preact/hooks';
import { usePolling, useResource } from '../api/resource.ts';
import type { FleetNode } from '../api/shapes.ts';
import { LinkNotice } from '../live/link-notice.tsx';
import type { LiveBoard } from '../live/live-board.ts';
import { useLive } from '../live/live-feed.ts';
import { Announced } from '../parts/announced.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { Empty } from '../parts/states.tsx';
import { mayDo, useSession } from '../session.ts';
import { formatSeconds } from '../time/duration.ts';
import { Discovered } from './discovered.tsx';
import { type LastHour, loadLastHour } from './last-hour.ts';
import { worstFirst } from './node-state.ts';
import { NodeTable } from './node-table.tsx';
import { type Asked, OrderDialog } from './order-dialog.tsx';
import { type Pipeline, usePipeline } from './pipeline.ts';
import { type FleetTotals, newestOf, totalsOf } from './totals.ts';

/** What people configured changes seldom, and the stream tells the rest. */
const CONFIGURED_MS = 15_000;
const WITHOUT_STREAM_MS = 2_000;
const REPORT_MS = 60_000;
const MOST_NODES = 500;

/** The fleet: every node, how it stands, and what it carries. */
export function FleetPage() {
  const { api, access } = useSession();
  const { board, link } = useLive();
  const [asked, setAsked] = useState<Asked>();
  const resource = useResource('nodes', (signal) =>
    api.ask<{ items: FleetNode[] }>(`/v1/nodes?limit=${MOST_NODES}`, { signal }),
  );
  usePolling(resource.reload, link.is === 'open' ? CONFIGURED_MS : WITHOUT_STREAM_MS);
  const nodes = withLive(resource.data?.items ?? [], board).toSorted(worstFirst);
  const totals = totalsOf(nodes);
  const hour = useLastHour(nodes);
  const pipeline = usePipeline();
  const close = () => {
    setAsked(undefined);
    resource.reload();
  };
  return (
    <>
      <header class="page-head">
        <h1>Fleet</h1>
      </header>
      <LinkNotice link={link} />
      <ResourceView resource={resource}>
        {() =>
          nodes.length === 0 ? (
            <NoNodes />
          ) : (
            <>
              <Totals
                totals={totals}
                liveCalls={board.isKnown ? board.calls.size : undefined}
                hour={hour}
                registrations={nodes.reduce((sum, node) => sum + node.registrations, 0)}
                pipeline={pipeline}
              />
              <Announced text={`${totals.live} of ${totals.nodes} nodes live, ${totals.sessions} sessions`} />
              <NodeTable nodes={nodes} curves={hour?.curves} onOrder={setAsked} />
            </>
          )
        }
      </ResourceView>
      {mayDo(access, 'operator', 'fleet') && <Discovered onAdopted={resource.reload} />}
      {asked !== undefined && <OrderDialog asked={asked} onClose={close} />}
    </>
  );
}

/** What is configured, with what the stream said last. */
function withLive(nodes: readonly FleetNode[], board: LiveBoard): FleetNode[] {
  return nodes.map((node) => {
    const now = board.nodes.get(node.switchname);
    if (now === undefined) return node;
    const isNewer = (now.load?.at_us ?? 0) >= (node.load?.at_us ?? 0);
    return {
      ...node,
      state: now.state ?? node.state,
      reason: now.reason ?? node.reason,
      load: isNewer ? now.load : node.load,
    };
  });
}

function useLastHour(nodes: readonly FleetNode[]): LastHour | undefined {
  const { api } = useSession();
  const latest = useRef(nodes);
  latest.current = nodes;
  const names = nodes.map(({ switchname }) => switchname).join();
  const resource = useResource(`hour ${names}`, async (signal) =>
    loadLastHour(api, latest.current, Math.max(Date.now() * 1_000, newestOf(latest.current)), signal),
  );
  usePolling(resource.reload, REPORT_MS);
  return resource.data;
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

interface TotalsProps {
  totals: FleetTotals;
  /** undefined: the stream has not said yet */
  liveCalls: number | undefined;
  hour: LastHour | undefined;
  registrations: number;
  pipeline: Pipeline | undefined;
}

function Totals({ totals, liveCalls, hour, registrations, pipeline }: TotalsProps) {
  const { nodes, live, sessions, maxSessions, sessionsPerSecond } = totals;
  return (
    <dl class="totals">
      <Total name="Nodes live" value={`${live} of ${nodes}`} />
      <Total name="Live calls" value={liveCalls === undefined ? '–' : String(liveCalls)} />
      <Total
        name="Live sessions"
        value={String(sessions)}
        unit={maxSessions > 0 ? `of ${maxSessions}` : ''}
      />
      <Total name="New sessions" value={String(sessionsPerSecond)} unit="/s" />
      <Total name="ASR, last hour" value={hour?.asr == null ? '–' : hour.asr.toFixed(1)} unit="%" />
      <Total name="ACD, last hour" value={hour?.acd == null ? '–' : formatSeconds(hour.acd)} />
      <Total name="Registered" value={String(registrations)} unit="contacts" />
      {pipeline !== undefined && <Total name="Pipeline behind" value={formatSeconds(pipeline.seconds)} />}
    </dl>
  );
}

function Total({ name, value, unit = '' }: { name: string; value: string; unit?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value} {value !== '–' && <span class="unit">{unit}</span>}
      </dd>
    </div>
  );
}
