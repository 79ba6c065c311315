import { useState } from 'preact/hooks';
import type { LegEvent } from '../api/shapes.ts';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { Empty } from '../parts/states.tsx';
import { Moment } from '../time/moment.tsx';

const FIRST = 200;

/** Every event as its server told it, in that server's clock. */
export function EventTable({ events }: { events: readonly LegEvent[] }) {
  const [most, setMost] = useState(FIRST);
  if (events.length === 0) {
    return (
      <Empty title="No events are kept of this call">
        <p>Events are kept for a shorter time than calls. The ladder shows what the legs themselves tell.</p>
      </Empty>
    );
  }
  return (
    <ScrollBox label="Events">
      <table class="events">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Node</th>
            <th scope="col">Leg</th>
            <th scope="col">Event</th>
            <th scope="col">Fields</th>
          </tr>
        </thead>
        <tbody>
          {events.slice(0, most).map((event) => (
            <tr key={`${event.uuid} ${event.at_us} ${event.sequence} ${event.event_name}`}>
              <td>
                <Moment us={event.at_us} precision="us" only="time" />
              </td>
              <td>{event.node}</td>
              <td>
                <code title={event.uuid}>{event.uuid.slice(0, 8)}</code>
              </td>
              <td>{event.event_subclass ?? event.event_name}</td>
              <td class="text">
                {Object.entries(event.headers)
                  .map(([name, value]) => `${name}: ${value}`)
                  .join('; ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {events.length > most && (
        <button type="button" onClick={() => setMost(events.length)}>
          Show all {events.length} events
        </button>
      )}
    </ScrollBox>
  );
}
