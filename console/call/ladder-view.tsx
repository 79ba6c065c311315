import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CallDetail } from '../api/contract.ts';
import type { LegEvent } from '../api/shapes.ts';
import { formatMicroseconds } from '../time/duration.ts';
import { Moment } from '../time/moment.tsx';
import { readMoment } from '../time/zone.ts';
import { useZone } from '../time/zone-choice.tsx';
import {
  type Arrow,
  type Dot,
  type Ladder,
  type Lifeline,
  layOut,
  type PlacedColumn,
  type Row,
  SIZES,
} from './ladder/layout.ts';
import { GROUPS, type Group } from './ladder/moment.ts';

const TIME_WIDTH = 168;
const WORDS_WIDTH = 320;
const NAMES: Readonly<Record<Group, string>> = {
  signalling: 'Signalling',
  media: 'Bridges, holds, recordings',
  applications: 'Applications',
  states: 'States',
};

interface LadderProps {
  call: CallDetail;
  events: readonly LegEvent[];
}

/** What happened, drawn: legs as lines, signals as arrows, in the order of the servers' clocks. */
export function LadderView({ call, events }: LadderProps) {
  const [shown, setShown] = useState<ReadonlySet<Group>>(new Set(['signalling', 'media']));
  const [picked, setPicked] = useState<Row>();
  const ladder = useMemo(() => layOut(call, events, shown), [call, events, shown]);
  const toggle = (group: Group) => {
    const next = new Set(shown);
    if (!next.delete(group)) next.add(group);
    setShown(next);
  };
  return (
    <section aria-label="Ladder">
      <fieldset class="choices">
        <legend>Show</legend>
        {GROUPS.map((group) => (
          <label key={group} class="check">
            <input type="checkbox" checked={shown.has(group)} onChange={() => toggle(group)} /> {NAMES[group]}
          </label>
        ))}
        {ladder.hidden > 0 && <span class="quiet">{ladder.hidden} more events</span>}
      </fieldset>
      <Skews ladder={ladder} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse must be able to scroll it */}
      <section class="ladder-scroll" tabIndex={0} aria-label="Ladder, scrolls sideways">
        <Drawing ladder={ladder} picked={picked} onPick={setPicked} />
      </section>
      {picked !== undefined && <Fields row={picked} onClose={() => setPicked(undefined)} />}
    </section>
  );
}

function Skews({ ladder: { skews } }: { ladder: Ladder }) {
  if (skews.length === 0) return null;
  return (
    <ul class="skews">
      {skews.map(({ ahead, behind, atLeastUs }) => (
        <li key={`${ahead} ${behind}`}>
          The clock of {ahead} is at least {formatMicroseconds(atLeastUs)} ahead of that of {behind}: arrows
          against time are dashed. No time was corrected.
        </li>
      ))}
    </ul>
  );
}

const FIRST_ROWS = 60;
const MORE_ROWS = 200;
const GROW_MS = 50;

/** What is seen first is drawn first; the rest of a long ladder follows while the page stays usable. */
function useGrowing(ladder: Ladder): Pick<Ladder, 'rows' | 'arrows' | 'dots'> {
  const [most, setMost] = useState(FIRST_ROWS);
  const { rows, arrows, dots } = ladder;
  useEffect(() => {
    if (most >= rows.length) return undefined;
    const timer = setTimeout(() => setMost(most + MORE_ROWS), GROW_MS);
    return () => clearTimeout(timer);
  }, [most, rows.length]);
  const end = rows[most]?.y ?? Number.POSITIVE_INFINITY;
  return {
    rows: rows.slice(0, most),
    arrows: arrows.filter(({ y1, y2 }) => Math.min(y1, y2) < end),
    dots: dots.filter(({ y }) => y < end),
  };
}

interface DrawingProps {
  ladder: Ladder;
  picked: Row | undefined;
  onPick: (row: Row) => void;
}

function Drawing({ ladder, picked, onPick }: DrawingProps) {
  const { width, height, columns, lifelines } = ladder;
  const { rows, arrows, dots } = useGrowing(ladder);
  const drawn = width + TIME_WIDTH + WORDS_WIDTH;
  return (
    <svg
      class="ladder"
      width={drawn}
      height={height}
      viewBox={`0 0 ${drawn} ${height}`}
      role="img"
      aria-label={`Ladder of ${ladder.rows.length} events between ${columns.map(({ label }) => label).join(', ')}; the tab Events has them as a table`}
    >
      <defs>
        <marker
          id="tip"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          orient="auto-start-reverse"
        >
          <path d="M0 0 8 4 0 8Z" />
        </marker>
      </defs>
      {rows.map((row) => (
        <Line
          key={row.moment.key}
          row={row}
          width={drawn}
          isPicked={row.moment.key === picked?.moment.key}
          onPick={onPick}
          wordsX={width + TIME_WIDTH}
        />
      ))}
      <g transform={`translate(${TIME_WIDTH} 0)`} class="drawing">
        {columns.map((column) => (
          <Head key={column.key} column={column} height={height} />
        ))}
        {lifelines.map((lifeline) => (
          <Life key={lifeline.leg} lifeline={lifeline} />
        ))}
        {dots.map((dot) => (
          <Spot key={dot.key} dot={dot} />
        ))}
        {arrows.map((arrow) => (
          <Signal key={arrow.key} arrow={arrow} />
        ))}
      </g>
    </svg>
  );
}

function Head({ column, height }: { column: PlacedColumn; height: number }) {
  const { x, width, kind, label, lanes } = column;
  return (
    <g class={`column ${kind}`}>
      <title>{label}</title>
      <rect x={x - width / 2} y={8} width={width} height={32} rx={4} />
      <text x={x} y={28} text-anchor="middle">
        {fit(label, width)}
      </text>
      {lanes.length === 0 && <line x1={x} x2={x} y1={40} y2={height} />}
    </g>
  );
}

/** SVG text does not wrap or cut itself; the title has it whole. */
function fit(label: string, width: number): string {
  const most = Math.floor((width - 16) / 7.5);
  return label.length <= most ? label : `${label.slice(0, most - 1)}…`;
}

function Life({ lifeline: { x, top, bottom, end } }: { lifeline: Lifeline }) {
  return (
    <g class={`life ${end}`}>
      <line x1={x} x2={x} y1={top} y2={bottom} />
      {end === 'interrupted' && <path d={`M${x - 6} ${bottom - 6}l12 12m0 -12l-12 12`} />}
    </g>
  );
}

function Signal({ arrow: { kind, x1, y1, x2, y2, viaX, isAgainstTime } }: { arrow: Arrow }) {
  const name = `signal ${kind}${isAgainstTime ? ' against' : ''}`;
  if (viaX === undefined) return <line class={name} x1={x1} y1={y1} x2={x2} y2={y2} marker-end="url(#tip)" />;
  return (
    <g>
      <path class={name} d={`M${x1} ${y1}L${viaX} ${y1}L${x2} ${y2}`} marker-end="url(#tip)" />
      <rect class="via" x={viaX - 3} y={y1 - 3} width={6} height={6} />
    </g>
  );
}

function Spot({ dot: { kind, x, y, toX } }: { dot: Dot }) {
  return (
    <g class={`spot ${kind}`}>
      {toX !== undefined && <line x1={x} x2={toX} y1={y} y2={y} />}
      <circle cx={x} cy={y} r={kind === 'state' || kind === 'application' ? 2.5 : 4} />
    </g>
  );
}

interface LineProps {
  row: Row;
  width: number;
  wordsX: number;
  isPicked: boolean;
  onPick: (row: Row) => void;
}

function Line({ row, width, wordsX, isPicked, onPick }: LineProps) {
  const zone = useZone();
  const { moment, y, afterUs } = row;
  const words = `${moment.node} ${row.words}`;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the tab Events has every field for the keyboard
    <g class={isPicked ? 'row picked' : 'row'} onClick={() => onPick(row)}>
      <title>{`${words}\n${moment.source}\n${Object.entries(moment.fields)
        .map(([name, value]) => `${name}: ${value}`)
        .join('\n')}`}</title>
      <rect x={0} y={y - SIZES.row / 2} width={width} height={SIZES.row} />
      <text x={8} y={y + 4} class="time">
        {readMoment(moment.atUs, zone, 'ms').time}
      </text>
      <text
        x={TIME_WIDTH - 8}
        y={y + 4}
        class={afterUs !== undefined && afterUs < 0 ? 'after backwards' : 'after'}
        text-anchor="end"
      >
        {afterUs === undefined ? '' : `+${formatMicroseconds(afterUs)}`}
      </text>
      <text x={wordsX + 8} y={y + 4}>
        {words.length > 46 ? `${words.slice(0, 45)}…` : words}
      </text>
    </g>
  );
}

function Fields({ row: { moment, words }, onClose }: { row: Row; onClose: () => void }) {
  return (
    <aside class="panel" aria-label="One event">
      <h2>
        {moment.node} {words}
      </h2>
      <p>
        <Moment us={moment.atUs} precision="us" /> by the clock of {moment.node};{' '}
        {moment.source === 'leg' ? 'from the leg itself' : moment.source}, leg <code>{moment.leg}</code>
      </p>
      <dl class="fields">
        {Object.entries(moment.fields).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={onClose}>
        Close
      </button>
    </aside>
  );
}
