import { useEffect, useRef, useState } from 'preact/hooks';
import { BASE } from '../location.ts';
import { Mark } from '../parts/mark.tsx';
import { formatClock } from '../time/duration.ts';
import { Moment } from '../time/moment.tsx';
import type { LiveCall } from './live-board.ts';

const ROW = 32;
const AROUND = 8;
const TICK_MS = 1_000;

/** Only the rows that are seen are in the page, however many there are. */
export function LiveTable({ calls }: { calls: readonly LiveCall[] }) {
  const box = useRef<HTMLElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const nowUs = useNow(calls);
  const look = () => {
    const { current } = box;
    if (current !== null) setView({ top: current.scrollTop, height: current.clientHeight });
  };
  useEffect(look, []);
  const first = Math.max(0, Math.floor(view.top / ROW) - AROUND);
  const last = Math.min(calls.length, Math.ceil((view.top + view.height) / ROW) + AROUND);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse must be able to scroll it
    <section ref={box} class="scroll live" tabIndex={0} aria-label="Live calls" onScroll={look}>
      <table aria-rowcount={calls.length + 1}>
        <thead>
          <tr>
            <th scope="col">Since</th>
            <th scope="col">State</th>
            <th scope="col">Caller</th>
            <th scope="col">Called</th>
            <th scope="col" class="number">
              Up for, min:s
            </th>
            <th scope="col">Servers</th>
            <th scope="col">Tenant</th>
          </tr>
        </thead>
        <tbody>
          <Space rows={first} />
          {calls.slice(first, last).map((call, index) => (
            <LiveRow key={call.call_id} call={call} index={first + index + 2} nowUs={nowUs} />
          ))}
          <Space rows={calls.length - last} />
        </tbody>
      </table>
    </section>
  );
}

function Space({ rows }: { rows: number }) {
  if (rows <= 0) return null;
  return (
    <tr style={{ height: `${rows * ROW}px` }}>
      <td colSpan={7} />
    </tr>
  );
}

/** The time now, by this machine's clock or by what was heard last, whichever is later; moves every second. */
function useNow(calls: readonly LiveCall[]): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return Math.max(now * 1_000, calls[0]?.start_us ?? 0);
}

function LiveRow({ call, index, nowUs }: { call: LiveCall; index: number; nowUs: number }) {
  const { call_id, start_us, answer_us, caller, callee, nodes, tenant, domain } = call;
  return (
    <tr aria-rowindex={index}>
      <th scope="row">
        <a href={`${BASE}/calls/${call_id}`} data-row>
          <Moment us={start_us} only="time" />
        </a>
      </th>
      <td>
        <Mark tone={answer_us === null ? 'off' : 'busy'}>{answer_us === null ? 'ringing' : 'talking'}</Mark>
      </td>
      <td class="one-line" title={caller ?? ''}>
        {caller}
      </td>
      <td class="one-line" title={callee ?? ''}>
        {callee}
      </td>
      <td class="number">{formatClock((nowUs - start_us) / 1_000_000)}</td>
      <td class="one-line">{[...new Set(nodes)].join(' → ')}</td>
      <td class="one-line">{tenant ?? domain}</td>
    </tr>
  );
}
