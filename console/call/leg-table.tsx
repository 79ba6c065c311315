import type { Leg } from '../api/shapes.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { formatClock } from '../time/duration.ts';
import { Moment } from '../time/moment.tsx';

/** The legs of a call, in the order of the SIP path. */
export function LegTable({ legs }: { legs: readonly Leg[] }) {
  return (
    <ScrollBox label="Legs">
      <table>
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">Direction</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Start</th>
            <th scope="col">Answer</th>
            <th scope="col">End</th>
            <th scope="col" class="number">
              Talk, min:s
            </th>
            <th scope="col">Hangup cause</th>
            <th scope="col">Known by</th>
            <th scope="col" class="number">
              MOS
            </th>
            <th scope="col">Leg</th>
          </tr>
        </thead>
        <tbody>
          {legs.map((leg) => (
            <LegRow key={leg.uuid} leg={leg} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function LegRow({ leg }: { leg: Leg }) {
  return (
    <tr>
      <th scope="row">{leg.node}</th>
      <td>{leg.direction}</td>
      <td class="text">{leg.caller_id_number}</td>
      <td class="text">{leg.destination_number}</td>
      <td>
        <Moment us={leg.start_us} precision="ms" />
      </td>
      <td>{leg.answer_us !== null && <Moment us={leg.answer_us} precision="ms" only="time" />}</td>
      <td>{leg.end_us !== null && <Moment us={leg.end_us} precision="ms" only="time" />}</td>
      <td class="number">{leg.billsec === null ? '' : formatClock(leg.billsec)}</td>
      <td>
        {leg.hangup_cause}
        {leg.sip_status === null ? '' : ` (SIP ${leg.sip_status})`}
      </td>
      <td>{leg.ended_by}</td>
      <td class="number">{leg.mos?.toFixed(2)}</td>
      <td>
        <code>{leg.uuid.slice(0, 8)}</code> <CopyButton text={leg.uuid} what={`uuid ${leg.uuid}`} />
      </td>
    </tr>
  );
}
