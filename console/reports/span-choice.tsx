import { useState } from 'preact/hooks';
import { LAST, type Span } from '../calls/span.ts';
import { goTo } from '../location.ts';
import { toInstant } from '../time/instant.ts';
import { formatMoment, parseMoment } from '../time/zone.ts';
import { useZone } from '../time/zone-choice.tsx';

interface SpanChoiceProps {
  asked: Span;
  fromUs: number;
  toUs: number;
}

/** Of which time the figures are: a last while, or from when to when by the clock of the chosen zone. */
export function SpanChoice({ asked, fromUs, toUs }: SpanChoiceProps) {
  const zone = useZone();
  const [isBetween, setIsBetween] = useState(!('last' in asked));
  const [problem, setProblem] = useState('');
  const choose = (name: string) => {
    setIsBetween(name === 'between');
    if (name !== 'between') goTo(`/reports?last=${name}`);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const [from, to] = ['from', 'to'].map((name) => parseMoment(String(data.get(name) ?? ''), zone));
    const isSpan = from !== undefined && to !== undefined && from < to;
    setProblem(isSpan ? '' : 'Write two moments such as 2026-11-20 20:50, the earlier one first.');
    if (isSpan) goTo(`/reports?${new URLSearchParams({ from: toInstant(from), to: toInstant(to) })}`);
  };
  return (
    <form class="choices" onSubmit={submit}>
      <label>
        When{' '}
        <select
          aria-label="When"
          value={isBetween ? 'between' : 'last' in asked ? asked.last : 'between'}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          {Object.entries(LAST)
            .filter(([, { us }]) => us !== undefined)
            .map(([name, { label }]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          <option value="between">Between…</option>
        </select>
      </label>
      {isBetween && (
        <>
          <label>
            From <input name="from" required defaultValue={formatMoment(fromUs, zone, 'minute')} />
          </label>
          <label>
            To <input name="to" required defaultValue={formatMoment(toUs, zone, 'minute')} />
          </label>
          <button type="submit">Show</button>
        </>
      )}
      <span class="quiet">
        Whole hours of {zone}; each call counts in the hour in which it began. Drag over a chart to zoom.
      </span>
      {problem !== '' && (
        <span class="failure-line" role="alert">
          {problem}
        </span>
      )}
    </form>
  );
}
