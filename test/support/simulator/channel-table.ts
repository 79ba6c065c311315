import { type ChannelRow, channelUpdate, mayChangeRow, newChannelRow } from './channel-row.ts';
import type { SimulatedEvent } from './simulated-event.ts';

/** Columns of `show calls as json`: those of the a-leg, then the same of its partner with `b_` before them. */
const CALL_COLUMNS = [
  ...(['uuid', 'direction', 'created', 'created_epoch', 'name', 'state', 'cid_name', 'cid_num'] as const),
  ...([
    'ip_addr',
    'dest',
    'presence_id',
    'presence_data',
    'accountcode',
    'callstate',
    'callee_name',
  ] as const),
  ...([
    'callee_num',
    'callee_direction',
    'call_uuid',
    'hostname',
    'sent_callee_name',
    'sent_callee_num',
  ] as const),
];
const B_COLUMNS = CALL_COLUMNS.filter((column) => column !== 'call_uuid' && column !== 'hostname');

/** Events that carry the variables of their channel. */
const FULL_EVENTS = new Set([
  ...['CHANNEL_CREATE', 'CHANNEL_ORIGINATE', 'CHANNEL_PROGRESS', 'CHANNEL_PROGRESS_MEDIA', 'CHANNEL_ANSWER'],
  ...['CHANNEL_EXECUTE', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_BRIDGE', 'CHANNEL_UNBRIDGE', 'CHANNEL_HANGUP'],
  ...['CHANNEL_PARK', 'CHANNEL_UNPARK', 'CHANNEL_HOLD', 'CHANNEL_UNHOLD', 'CALL_UPDATE'],
]);

/** A channel whose row is made when somebody asks for it: what happened to it waits until then. */
class Channel {
  readonly #make: () => ChannelRow;
  readonly #changes: ((row: ChannelRow) => void)[] = [];
  #row: ChannelRow | undefined;

  constructor(make: () => ChannelRow) {
    this.#make = make;
  }

  change(change: (row: ChannelRow) => void): void {
    this.#changes.push(change);
  }

  get row(): ChannelRow {
    this.#row ??= this.#make();
    for (const change of this.#changes.splice(0)) change(this.#row);
    return this.#row;
  }
}

interface Bridge {
  bLeg: string;
  createdEpoch: string;
}

/** The live channels of a node as its core database would list them, kept by the events that the node sends. */
export class ChannelTable {
  /** Channels there ever were, and the most at one time. */
  created = 0;
  peak = 0;
  readonly #switchname: string;
  readonly #channels = new Map<string, Channel>();
  /** The last event of a channel that carries its variables: what `uuid_dump` tells. */
  readonly #lastFull = new Map<string, SimulatedEvent>();
  readonly #bridges = new Map<string, Bridge>();

  constructor(switchname: string) {
    this.#switchname = switchname;
  }

  get size(): number {
    return this.#channels.size;
  }

  get rows(): readonly ChannelRow[] {
    return [...this.#channels.values()].map(({ row }) => row);
  }

  /** One row a call: an unbridged channel, or the a-leg of a bridge with its b-leg. */
  get calls(): readonly Record<string, string>[] {
    const bLegs = new Set([...this.#bridges.values()].map(({ bLeg }) => bLeg));
    return this.rows.filter(({ uuid }) => !bLegs.has(uuid)).map((row) => this.#callRow(row));
  }

  lastFull(uuid: string): SimulatedEvent | undefined {
    return this.#lastFull.get(uuid);
  }

  has(uuid: string): boolean {
    return this.#channels.has(uuid);
  }

  apply(event: SimulatedEvent): void {
    if (event.uuid === '') return;
    if (event.name === 'CHANNEL_CREATE') this.#create(event);
    const channel = this.#channels.get(event.uuid);
    if (channel === undefined) return;
    if (FULL_EVENTS.has(event.name)) this.#lastFull.set(event.uuid, event);
    if (event.name === 'CHANNEL_BRIDGE') this.#bridge(event);
    if (event.name === 'CHANNEL_UNBRIDGE') this.#bridges.delete(event.headers['Bridge-A-Unique-ID'] ?? '');
    if (mayChangeRow(event)) channel.change((row) => Object.assign(row, channelUpdate(event)));
    if (event.name === 'CHANNEL_DESTROY') this.#destroy(event.uuid);
  }

  clear(): void {
    this.#channels.clear();
    this.#lastFull.clear();
    this.#bridges.clear();
    this.created = 0;
    this.peak = 0;
  }

  #create(event: SimulatedEvent): void {
    this.#channels.set(event.uuid, new Channel(() => newChannelRow(event, this.#switchname)));
    this.created += 1;
    this.peak = Math.max(this.peak, this.#channels.size);
  }

  #destroy(uuid: string): void {
    this.#channels.delete(uuid);
    this.#lastFull.delete(uuid);
    this.#bridges.delete(uuid);
  }

  #bridge({ headers }: SimulatedEvent): void {
    const aLeg = headers['Bridge-A-Unique-ID'] ?? '';
    const bLeg = headers['Bridge-B-Unique-ID'] ?? '';
    const createdEpoch = String(Math.floor(Number(headers['Event-Date-Timestamp'] ?? 0) / 1e6));
    this.#bridges.set(aLeg, { bLeg, createdEpoch });
    for (const uuid of [aLeg, bLeg]) {
      this.#channels.get(uuid)?.change((row) => {
        row.call_uuid = headers['Channel-Call-UUID'] ?? aLeg;
      });
    }
  }

  #callRow(row: ChannelRow): Record<string, string> {
    const bridge = this.#bridges.get(row.uuid);
    const partner = bridge === undefined ? undefined : this.#channels.get(bridge.bLeg)?.row;
    return Object.fromEntries([
      ...CALL_COLUMNS.map((column) => [column, row[column]]),
      ...B_COLUMNS.map((column) => [`b_${column}`, partner?.[column] ?? '']),
      ['call_created_epoch', partner === undefined ? '' : (bridge?.createdEpoch ?? '')],
    ]);
  }
}
