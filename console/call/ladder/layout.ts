import type { CallDetail } from '../../api/contract.ts';
import type { LegEvent } from '../../api/shapes.ts';
import { type Message, messagesOf } from './message.ts';
import { type Group, groupOf, type Moment, momentsOf } from './moment.ts';
import { inOrder } from './order.ts';
import { type Column, type FarEnd, type Path, pathOf } from './path.ts';
import { isAgainstTime, type Skew, skewsOf } from './skew.ts';

/** All in pixels. */
export const SIZES = { row: 24, head: 56, lane: 24, party: 112, node: 96, gap: 48, margin: 16 } as const;

export interface PlacedColumn extends Column {
  /** the middle */
  x: number;
  width: number;
}

/** A leg: it stands from its first moment that is shown to its last. */
export interface Lifeline {
  leg: string;
  x: number;
  top: number;
  bottom: number;
  /** how it ends */
  end: 'hangup' | 'interrupted' | 'open';
}

export interface Arrow {
  key: string;
  kind: Moment['kind'];
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  /** the proxy between both ends; nobody told when it was there */
  viaX: number | undefined;
  /** it arrives before it was sent, by the clocks of its servers */
  isAgainstTime: boolean;
}

/** A moment without another end: a dot on its leg; a bridge reaches to the other leg. */
export interface Dot {
  key: string;
  kind: Moment['kind'];
  x: number;
  y: number;
  /** of a bridge: the other leg's line */
  toX: number | undefined;
}

export interface Row {
  moment: Moment;
  y: number;
  /** what its server did, or what was done to it */
  words: string;
  /** since the row above, in whatever clocks they have; undefined in the first */
  afterUs: number | undefined;
}

export interface Ladder {
  width: number;
  height: number;
  columns: PlacedColumn[];
  lifelines: Lifeline[];
  rows: Row[];
  arrows: Arrow[];
  dots: Dot[];
  skews: Skew[];
  /** moments of groups that are not shown */
  hidden: number;
}

/** Where everything of a call's ladder stands: one row for each moment of the groups that are shown. */
export function layOut(call: CallDetail, events: readonly LegEvent[], shown: ReadonlySet<Group>): Ladder {
  const path = pathOf(call);
  const all = momentsOf(call, events);
  const messages = messagesOf(call, inOrder(all, []), path);
  const moments = inOrder(all, messages).filter((moment) => shown.has(groupOf(moment)));
  const columns = placeColumns(path.columns);
  const rows = toRows(moments, messages);
  const place = createPlaces(columns, rows);
  return {
    width: (columns.at(-1)?.x ?? 0) + (columns.at(-1)?.width ?? 0) / 2 + SIZES.margin,
    height: SIZES.head + rows.length * SIZES.row + SIZES.margin,
    columns,
    lifelines: lifelinesOf(call, { path, rows, place }),
    rows,
    arrows: messages.flatMap((message) => toArrow(message, path, place)),
    dots: dotsOf(rows, messages, place),
    skews: skewsOf(messages),
    hidden: all.length - moments.length,
  };
}

function placeColumns(columns: readonly Column[]): PlacedColumn[] {
  let left: number = SIZES.margin;
  return columns.map((column) => {
    const least = column.kind === 'party' ? SIZES.party : SIZES.node;
    const width = Math.max(least, column.lanes.length * SIZES.lane + SIZES.lane);
    const x = left + width / 2;
    left += width + SIZES.gap;
    return { ...column, x, width };
  });
}

const SENT: Readonly<Record<string, string>> = {
  create: 'calls',
  ring: 'rings',
  answer: 'answers',
  hangup: 'hangs up',
};
const RECEIVED: Readonly<Record<string, string>> = {
  create: 'is called',
  ring: 'hears ringing',
  answer: 'is answered',
  hangup: 'is hung up',
};

function toRows(moments: readonly Moment[], messages: readonly Message[]): Row[] {
  const received = new Set(messages.map((message) => message.received?.key));
  return moments.map((moment, index) => {
    const before = moments[index - 1];
    return {
      moment,
      y: SIZES.head + index * SIZES.row + SIZES.row / 2,
      words: `${(received.has(moment.key) ? RECEIVED : SENT)[moment.kind] ?? ''} ${moment.what}`.trim(),
      afterUs: before === undefined ? undefined : moment.atUs - before.atUs,
    };
  });
}

interface Places {
  xOf: (end: FarEnd) => number | undefined;
  yOf: (moment: Moment | undefined) => number | undefined;
}

function createPlaces(columns: readonly PlacedColumn[], rows: readonly Row[]): Places {
  const columnX = new Map(columns.map(({ key, x }) => [key, x]));
  const laneX = new Map(
    columns.flatMap(({ x, lanes }) =>
      lanes.map((leg, index) => [leg, x + (index - (lanes.length - 1) / 2) * SIZES.lane] as const),
    ),
  );
  const rowY = new Map(rows.map(({ moment, y }) => [moment.key, y]));
  return {
    xOf: (end) => ('leg' in end ? laneX.get(end.leg) : columnX.get(end.column)),
    yOf: (moment) => (moment === undefined ? undefined : rowY.get(moment.key)),
  };
}

function toArrow(message: Message, { via }: Path, { xOf, yOf }: Places): Arrow[] {
  const { key, kind, from, to, sent, received } = message;
  const [sentY, receivedY] = [yOf(sent), yOf(received)];
  const [x1, x2, y1, y2] = [xOf(from), xOf(to), sentY ?? receivedY, receivedY ?? sentY];
  if (x1 === undefined || x2 === undefined || y1 === undefined || y2 === undefined) return [];
  const proxy = via.get('leg' in from ? from.leg : 'leg' in to ? to.leg : '');
  const viaX = proxy === undefined ? undefined : xOf({ column: proxy });
  return [{ key, kind, x1, y1, x2, y2, viaX, isAgainstTime: isAgainstTime(message) }];
}

function dotsOf(rows: readonly Row[], messages: readonly Message[], { xOf }: Places): Dot[] {
  const inMessages = new Set(messages.flatMap(({ sent, received }) => [sent?.key, received?.key]));
  return rows.flatMap(({ moment, y }) => {
    const x = xOf({ leg: moment.leg });
    if (x === undefined || inMessages.has(moment.key)) return [];
    return [{ key: moment.key, kind: moment.kind, x, y, toX: otherX(moment, xOf) }];
  });
}

function otherX({ kind, leg, fields }: Moment, xOf: Places['xOf']): number | undefined {
  if (kind !== 'bridge' && kind !== 'unbridge') return undefined;
  const other = [
    fields['Bridge-A-Unique-ID'],
    fields['Bridge-B-Unique-ID'],
    fields['Other-Leg-Unique-ID'],
  ].find((uuid) => uuid !== undefined && uuid !== leg);
  return other === undefined ? undefined : xOf({ leg: other });
}

function lifelinesOf(
  call: CallDetail,
  { path, rows, place }: { path: Path; rows: readonly Row[]; place: Places },
): Lifeline[] {
  const bottomOfAll = SIZES.head + rows.length * SIZES.row;
  return call.legs.flatMap((leg) => {
    const own = rows.filter(({ moment }) => moment.leg === leg.uuid);
    const x = place.xOf({ leg: leg.uuid });
    const [first, last] = [own[0], own.at(-1)];
    if (x === undefined || first === undefined || last === undefined || !path.far.has(leg.uuid)) return [];
    const end = leg.end_us === null ? 'open' : leg.is_interrupted ? 'interrupted' : 'hangup';
    return [{ leg: leg.uuid, x, top: first.y, bottom: end === 'open' ? bottomOfAll : last.y, end } as const];
  });
}
