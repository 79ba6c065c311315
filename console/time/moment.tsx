import { formatMoment, type Precision, readMoment } from './zone.ts';
import { useZone } from './zone-choice.tsx';

/** A moment in the chosen zone. The machine-readable time is UTC to the microsecond. */
export function Moment({
  us,
  precision = 'second',
  only,
}: {
  us: number;
  precision?: Precision;
  only?: 'time';
}) {
  const zone = useZone();
  const utc = readMoment(us, 'UTC', 'us');
  const text = only === 'time' ? readMoment(us, zone, precision).time : formatMoment(us, zone, precision);
  return (
    <time dateTime={`${utc.date}T${utc.time}Z`} title={`${formatMoment(us, zone, 'us')} ${zone}`}>
      {text}
    </time>
  );
}
