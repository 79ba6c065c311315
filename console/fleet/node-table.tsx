import type { FleetNode } from '../api/shapes.ts';
import { Mark } from '../parts/mark.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { mayDo, useSession } from '../session.ts';
import { formatMicroseconds, formatSeconds } from '../time/duration.ts';
import { ORDERS, standing } from './node-state.ts';
import type { Asked } from './order-dialog.tsx';
import { Sparkline } from './sparkline.tsx';
import { newestOf } from './totals.ts';

interface NodeTableProps {
  nodes: readonly FleetNode[];
  /** the most calls at once, by the minute of the last hour */
  curves: ReadonlyMap<string, readonly number[]> | undefined;
  onOrder: (asked: Asked) => void;
}

/** One row a node; on a narrow screen one card a node. */
export function NodeTable({ nodes, curves, onOrder }: NodeTableProps) {
  const { access } = useSession();
  const maySteer = mayDo(access, 'operator', 'fleet');
  const nowUs = Math.max(Date.now() * 1_000, newestOf(nodes));
  return (
    <ScrollBox label="Nodes">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              Sessions
            </th>
            <th scope="col">Calls, last hour</th>
            <th scope="col" class="number">
              New, per s
            </th>
            <th scope="col" class="number">
              Idle CPU
            </th>
            <th scope="col" class="number">
              Registered
            </th>
            <th scope="col" class="number">
              Heartbeat
            </th>
            <th scope="col" class="number">
              Clock offset
            </th>
            <th scope="col">Version</th>
            <th scope="col" class="number">
              Up for
            </th>
            {maySteer && (
              <th scope="col" class="orders">
                Orders
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <NodeRow
              key={node.switchname}
              node={node}
              curve={curves?.get(node.switchname) ?? []}
              nowUs={nowUs}
              onOrder={maySteer ? onOrder : undefined}
            />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

interface NodeRowProps {
  node: FleetNode;
  curve: readonly number[];
  nowUs: number;
  onOrder: ((asked: Asked) => void) | undefined;
}

function NodeRow({ node, curve, nowUs, onOrder }: NodeRowProps) {
  const { switchname, load, reason, clock_offset_us: offset } = node;
  const { word, tone } = standing(node);
  return (
    <tr>
      <th scope="row">{switchname}</th>
      <td data-label="State">
        <Mark tone={tone}>{word}</Mark>
        {/* why a node is well is no news */}
        {tone !== 'good' && reason !== null && reason !== '' && <div class="quiet reason">{reason}</div>}
      </td>
      <td data-label="Sessions" class="number">
        <Sessions node={node} />
      </td>
      <td data-label="Calls, last hour">
        <Sparkline points={curve} what={`Calls on ${switchname} in the last hour`} />
      </td>
      <td data-label="New, per s" class="number">
        {load?.sessions_per_second ?? '–'}
      </td>
      <td data-label="Idle CPU" class="number">
        {load?.idle_cpu == null ? '–' : `${load.idle_cpu.toFixed(0)} %`}
      </td>
      <td data-label="Registered" class="number">
        {node.registrations}
      </td>
      <td data-label="Heartbeat" class="number">
        {load?.heartbeat_us == null
          ? '–'
          : `${formatSeconds(Math.max(0, (nowUs - load.heartbeat_us) / 1_000_000))} ago`}
      </td>
      <td data-label="Clock offset" class="number">
        {offset === null ? '–' : formatMicroseconds(offset)}
      </td>
      <td data-label="Version">{shortVersion(load?.version)}</td>
      <td data-label="Up for" class="number">
        {load?.uptime_ms == null ? '–' : formatSeconds(load.uptime_ms / 1_000)}
      </td>
      {onOrder !== undefined && (
        <td data-label="Orders" class="orders">
          {ORDERS.filter(({ isFor }) => isFor(node.configured_state)).map((order) => (
            <button
              key={order.name}
              type="button"
              onClick={() => onOrder({ node, order })}
              aria-label={`${order.label} ${switchname}`}
            >
              {order.label}
            </button>
          ))}
        </td>
      )}
    </tr>
  );
}

/** How full a node is: a bar and the figures. */
function Sessions({ node: { load } }: { node: FleetNode }) {
  if (load === null) return <>–</>;
  const { sessions, max_sessions: most } = load;
  if (most === null) return <>{sessions}</>;
  return (
    <span class="fill">
      <meter min={0} max={most} value={sessions} high={most * 0.8} aria-hidden="true" />
      {sessions} <span class="unit">/ {most}</span>
    </span>
  );
}

/** `1.10.12-release-10222002881-a88d069d6f~64bit` → `1.10.12`. */
function shortVersion(version: string | null | undefined): string {
  return version == null ? '–' : (/\d+(\.\d+)+/.exec(version)?.[0] ?? version);
}
