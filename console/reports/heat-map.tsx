import type { Kpis } from '../api/contract.ts';
import { toCsv } from '../parts/csv.ts';
import { saveFile } from '../parts/save-file.ts';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { byWeekdayAndHour } from './series.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

function takeAlong(cells: ReadonlyMap<string, number>, zone: string): void {
  const head = ['weekday', `hour (${zone})`, 'mean attempts'];
  const rows = DAYS.flatMap((day, weekday) =>
    HOURS.map((hour) => [day, hour, cells.get(`${weekday} ${hour}`) ?? null]),
  );
  saveFile({ name: 'when-people-call.csv', type: 'text/csv', text: toCsv([head, ...rows]) });
}

/** When people call: mean attempts by weekday and hour, as shades and as figures. */
export function HeatMap({ steps }: { steps: Kpis }) {
  const cells = byWeekdayAndHour(steps);
  const most = Math.max(1, ...cells.values());
  return (
    <section>
      <h2>When people call</h2>
      <p class="choices">
        <span class="quiet">Mean attempts an hour, by weekday and hour of the clock in {steps.tz}.</span>
        <button
          type="button"
          class="copy"
          onClick={() => takeAlong(cells, steps.tz)}
          aria-label="Attempts by weekday and hour as CSV"
        >
          CSV
        </button>
      </p>
      <ScrollBox label="Attempts by weekday and hour">
        <table class="heat">
          <thead>
            <tr>
              <th scope="col">Day</th>
              {HOURS.map((hour) => (
                <th key={hour} scope="col" class="number">
                  {hour}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {DAYS.map((day, weekday) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                {HOURS.map((hour) => {
                  const mean = cells.get(`${weekday} ${hour}`);
                  return (
                    <td
                      key={hour}
                      class="number"
                      style={{ '--heat': String(Math.round(((mean ?? 0) / most) * 40)) }}
                    >
                      {mean === undefined ? '' : Number(mean.toFixed(1))}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </section>
  );
}
