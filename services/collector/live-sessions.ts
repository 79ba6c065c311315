import { firstValue } from '../../libs/freeswitch/first-value.ts';
import { GATEWAY_VARIABLES } from '../../libs/freeswitch/leg-variables.ts';
import { ownKinds, sipHeader } from '../../libs/freeswitch/sip-header.ts';
import type { ChannelEvent } from '../../libs/records/channel-event.ts';

/** A hangup is followed by late events and by snapshots that still show the leg: this many ended legs are remembered. */
const REMEMBERED_ENDS = 10_000;

/** The channels that one node has just now, and the trunks they use, counted from its event stream. */
export class LiveSessions {
  readonly #trunks = new Map<string, string | undefined>();
  /** what keeps a channel's callers together on this node, for those that have it */
  readonly #pins = new Map<string, string>();
  readonly #ended = new Set<string>();
  /** listed by the node, but nothing was heard of them yet */
  readonly #unheard = new Set<string>();

  get count(): number {
    return this.#trunks.size;
  }

  has(uuid: string): boolean {
    return this.#trunks.has(uuid);
  }

  /** Live channels by trunk; a channel without a trunk is in none. */
  byTrunk(): Record<string, number> {
    return countOf(this.#trunks.values());
  }

  /** Live channels by the room, queue or lot that routing sent them to. */
  byPin(): Record<string, number> {
    return countOf(this.#pins.values());
  }

  /** @returns whether the figures changed */
  apply(event: ChannelEvent): boolean {
    const { uuid, event_name: name } = event;
    this.#unheard.delete(uuid);
    if (name === 'CHANNEL_HANGUP' || name === 'CHANNEL_HANGUP_COMPLETE') return this.#end(uuid);
    if (name === 'CHANNEL_UUID') return this.#rename(event.headers['Old-Unique-ID'], uuid);
    // any event of a channel shows that it lives: its CHANNEL_CREATE may have been lost
    if (name.startsWith('CHANNEL_') && !this.#ended.has(uuid) && !this.#trunks.has(uuid)) {
      this.#trunks.set(uuid, trunkOf(event));
      this.#learnPin(event);
      return true;
    }
    return this.#learnTrunk(event);
  }

  /**
   * Takes the set of a `show channels`, but for legs that ended before it was written.
   * @returns the uuids of which nothing was heard yet, and how many of ours are gone
   */
  replace(uuids: readonly string[]): { unknown: string[]; gone: number } {
    const present = new Set(uuids.filter((uuid) => !this.#ended.has(uuid)));
    const gone = [...this.#trunks.keys()].filter((uuid) => !present.has(uuid));
    for (const uuid of gone) this.#forget(uuid);
    const unknown = [...present].filter((uuid) => !this.#trunks.has(uuid) || this.#unheard.has(uuid));
    for (const uuid of unknown) {
      this.#trunks.set(uuid, undefined);
      this.#unheard.add(uuid);
    }
    return { unknown, gone: gone.length };
  }

  /** What was heard of it could not be told to anybody: the node is asked again. */
  missed(uuid: string): void {
    if (this.#trunks.has(uuid)) this.#unheard.add(uuid);
  }

  /** The node has another core: nothing of the old one is left. */
  clear(): void {
    this.#trunks.clear();
    this.#pins.clear();
    this.#ended.clear();
    this.#unheard.clear();
  }

  #end(uuid: string): boolean {
    this.#ended.add(uuid);
    if (this.#ended.size > REMEMBERED_ENDS) {
      const [oldest] = this.#ended;
      if (oldest !== undefined) this.#ended.delete(oldest);
    }
    return this.#forget(uuid);
  }

  #forget(uuid: string): boolean {
    this.#pins.delete(uuid);
    this.#unheard.delete(uuid);
    return this.#trunks.delete(uuid);
  }

  #rename(from: string | undefined, to: string): boolean {
    if (from === undefined || !this.#trunks.has(from)) return false;
    this.#trunks.set(to, this.#trunks.get(from));
    const pin = this.#pins.get(from);
    if (pin !== undefined) this.#pins.set(to, pin);
    return this.#end(from);
  }

  #learnTrunk(event: ChannelEvent): boolean {
    if (!this.#trunks.has(event.uuid)) return false;
    const hasPin = this.#learnPin(event);
    if (this.#trunks.get(event.uuid) !== undefined) return hasPin;
    const trunk = trunkOf(event);
    if (trunk !== undefined) this.#trunks.set(event.uuid, trunk);
    return hasPin || trunk !== undefined;
  }

  #learnPin({ uuid, headers, variables }: ChannelEvent): boolean {
    if (this.#pins.has(uuid) || headers['Call-Direction'] === 'outbound') return false;
    const pin = sipHeader(variables, 'X-Switchfleet-Pin', ['sip_h_']);
    if (pin === undefined) return false;
    this.#pins.set(uuid, pin);
    return true;
  }
}

function countOf(names: Iterable<string | undefined>): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** The trunk that Kamailio marked the leg with, else the gateway it left or came by. */
function trunkOf({ headers, variables }: ChannelEvent): string | undefined {
  const marked = sipHeader(variables, 'X-Switchfleet-Trunk', ownKinds(headers['Call-Direction']));
  return (
    marked ?? GATEWAY_VARIABLES.map((name) => firstValue(variables[name])).find((name) => name !== undefined)
  );
}
