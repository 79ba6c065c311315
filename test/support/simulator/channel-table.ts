import { type ChannelRow, channelUpdate, newChannelRow } from './channel-row.ts';
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
  readonly #rows = new Map<string, ChannelRow>();
  /** The last event of a channel that carries its variables: what `uuid_dump` tells. */
  readonly #lastFull = new Map<string, SimulatedEvent>();
  readonly #bridges = new Map<string, Bridge>();

  constructor(switchname: string) {
    this.#switchname = switchname;
  }

  get size(): number {
    return this.#rows.size;
  }

  get rows(): readonly ChannelRow[] {
    return [...this.#rows.values()];
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
    return this.#rows.has(uuid);
  }

  apply(event: SimulatedEvent): void {
    if (event.uuid === '') return;
    if (event.name === 'CHANNEL_CREATE') this.#create(event);
    const row = this.#rows.get(event.uuid);
    if (row === undefined) return;
    if (FULL_EVENTS.has(event.name)) this.#lastFull.set(event.uuid, event);
    if (event.name === 'CHANNEL_BRIDGE') this.#bridge(event);
    if (event.name === 'CHANNEL_UNBRIDGE') this.#bridges.delete(event.headers['Bridge-A-Unique-ID'] ?? '');
    Object.assign(row, channelUpdate(event));
    if (event.name === 'CHANNEL_DESTROY') this.#destroy(event.uuid);
  }

  clear(): void {
    this.#rows.clear();
    this.#lastFull.clear();
    this.#bridges.clear();
    this.created = 0;
    this.peak = 0;
  }

  #create(event: SimulatedEvent): void {
    this.#rows.set(event.uuid, newChannelRow(event, this.#switchname));
    this.created += 1;
    this.peak = Math.max(this.peak, this.#rows.size);
  }

  #destroy(uuid: string): void {
    this.#rows.delete(uuid);
    this.#lastFull.delete(uuid);
    this.#bridges.delete(uuid);
  }

  #bridge({ headers }: SimulatedEvent): void {
    const aLeg = headers['Bridge-A-Unique-ID'] ?? '';
    const bLeg = headers['Bridge-B-Unique-ID'] ?? '';
    const createdEpoch = String(Math.floor(Number(headers['Event-Date-Timestamp'] ?? 0) / 1e6));
    this.#bridges.set(aLeg, { bLeg, createdEpoch });
    for (const uuid of [aLeg, bLeg]) {
      const row = this.#rows.get(uuid);
      if (row !== undefined) row.call_uuid = headers['Channel-Call-UUID'] ?? aLeg;
    }
  }

  #callRow(row: ChannelRow): Record<string, string> {
    const bridge = this.#bridges.get(row.uuid);
    const partner = bridge === undefined ? undefined : this.#rows.get(bridge.bLeg);
    return Object.fromEntries([
      ...CALL_COLUMNS.map((column) => [column, row[column]]),
      ...B_COLUMNS.map((column) => [`b_${column}`, partner?.[column] ?? '']),
      ['call_created_epoch', partner === undefined ? '' : (bridge?.createdEpoch ?? '')],
    ]);
  }
}
