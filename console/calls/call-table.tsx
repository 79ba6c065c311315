import type { Call } from '../api/shapes.ts';
import { dispositionTone } from '../call/tone.ts';
import { BASE } from '../location.ts';
import { Mark } from '../parts/mark.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { formatClock } from '../time/duration.ts';
import { Moment } from '../time/moment.tsx';

/** Calls as rows; the start opens the call. */
export function CallTable({ calls }: { calls: readonly Call[] }) {
  return (
    <ScrollBox label="Calls">
      <table class="calls">
        <thead>
          <tr>
            <th scope="col">Start</th>
            <th scope="col">Caller</th>
            <th scope="col">Called</th>
            <th scope="col">Outcome</th>
            <th scope="col" class="number">
              Talk, min:s
            </th>
            <th scope="col">Servers</th>
            <th scope="col">Trunk</th>
            <th scope="col">Tenant</th>
            <th scope="col">Hangup cause</th>
            <th scope="col" class="number">
              MOS
            </th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call) => (
            <CallRow key={call.id} call={call} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function CallRow({ call }: { call: Call }) {
  const { caller, callee, caller_id_name: name } = call;
  return (
    <tr>
      <th scope="row">
        <a href={`${BASE}/calls/${call.id}`} data-row>
          <Moment us={call.start_us} />
        </a>
      </th>
      <td class="text">
        {caller ?? <span class="quiet">unknown</span>}
        {name !== null && name !== '' && name !== caller && <span class="quiet name"> {name}</span>}
      </td>
      <td class="text">{callee}</td>
      <td>
        <Mark tone={dispositionTone(call)}>{call.disposition ?? call.state}</Mark>
      </td>
      <td class="number">{call.billsec === null ? '' : formatClock(call.billsec)}</td>
      <td>{[...new Set(call.nodes)].join(' → ')}</td>
      <td class="text">{call.trunk}</td>
      <td class="text">{call.tenant}</td>
      <td>{call.hangup_cause}</td>
      <td class="number">{call.mos?.toFixed(2)}</td>
    </tr>
  );
}
