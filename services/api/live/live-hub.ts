import { Compile } from 'typebox/compile';
import type { DeliveredRecord } from '../../../libs/bus/bus.ts';
import { Live, type LiveCall, type LiveNode } from '../../../libs/records/live.ts';
import { NodeLoad } from '../../../libs/records/node-load.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { createLivePlaces } from './live-place.ts';

/** One thing that happened, as streams tell it. */
export interface LiveEvent {
  sequence: number;
  /** of its place in the stream */
  id: string;
  /** call-started, call-answered, call-ended, node-state, node-load */
  name: string;
  /** whose it is: a tenant's, nobody's (null), or the fleet's servers' own */
  owner: { tenant: string | null } | 'fleet';
  /** JSON */
  data: string;
}

/** Events that are kept for streams that come back. */
const KEPT = 4_096;
const isLive = Compile(Live);
const isLoad = Compile(NodeLoad);

/** What this instance heard of late, and who listens. */
export class LiveHub {
  readonly #places = createLivePlaces();
  readonly #kept: LiveEvent[] = [];
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  #sequence = 0;
  #unreadable = 0;

  /** the number of the last event */
  get sequence(): number {
    return this.#sequence;
  }

  /** records that were none of ours */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Takes records of `switchfleet.live` and `switchfleet.load`. */
  take(records: readonly DeliveredRecord[]): void {
    for (const record of records) {
      const events = readEvents(record);
      if (events === undefined) this.#unreadable += 1;
      else for (const event of events) this.#tell(event);
    }
  }

  /** Calls back for each event from now on, until the returned function is called. */
  listen(onEvent: (event: LiveEvent) => void): () => void {
    this.#listeners.add(onEvent);
    return () => this.#listeners.delete(onEvent);
  }

  /** The id of a place in the stream. */
  idOf(sequence: number): string {
    return this.#places.idOf(sequence);
  }

  /** What came after an id; or why that is not known. */
  since(id: string): LiveEvent[] | 'unknown-id' | 'too-old' {
    const sequence = this.#places.sequenceOf(id);
    if (sequence === undefined) return 'unknown-id';
    const oldest = this.#kept[0]?.sequence ?? this.#sequence + 1;
    if (sequence + 1 < oldest) return 'too-old';
    return this.#kept.filter((event) => event.sequence > sequence);
  }

  #tell(said: Said): void {
    const sequence = ++this.#sequence;
    const event = { ...said, sequence, id: this.idOf(sequence) };
    this.#kept.push(event);
    // a ring by halves: moving one element of thousands for each event would cost more than the event
    if (this.#kept.length >= 2 * KEPT) this.#kept.splice(0, KEPT);
    for (const listener of this.#listeners) listener(event);
  }
}

type Said = Omit<LiveEvent, 'id' | 'sequence'>;

/** What a record says, the oldest first. */
function readEvents({ topic, value }: DeliveredRecord): Said[] | undefined {
  if (topic === TOPICS.load) return isLoad.Check(value) ? [toldLoad(value)] : undefined;
  if (topic !== TOPICS.live || !isLive.Check(value)) return undefined;
  return value.kind === 'node-state' ? [toldNode(value)] : toldCall(value);
}

function toldLoad({ v: _v, ...load }: NodeLoad): Said {
  return { name: 'node-load', owner: 'fleet', data: JSON.stringify(load) };
}

function toldNode({ v: _v, kind, ...node }: LiveNode): Said {
  return { name: kind, owner: 'fleet', data: JSON.stringify(node) };
}

function toldCall({ v: _v, kind, at_us, before = [], ...call }: LiveCall): Said[] {
  const owner = { tenant: call.tenant };
  return [...before, { kind, at_us }].map((moment) => ({
    name: moment.kind,
    owner,
    data: JSON.stringify({ at_us: moment.at_us, ...call }),
  }));
}

/** Whether a token of this tenant (undefined: of the whole fleet) may see an event. */
export function maySee({ owner }: LiveEvent, tenant: string | undefined): boolean {
  return tenant === undefined || (owner !== 'fleet' && owner.tenant === tenant);
}
