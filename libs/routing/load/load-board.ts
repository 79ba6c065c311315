import type { NodeLoad } from '../../records/node-load.ts';
import type { Freshness, LoadView, NodeFigures } from './load-view.ts';
import { RateRing } from './rate-ring.ts';
import { RecentCalls } from './recent-calls.ts';

export interface LoadBoardOptions {
  /** a node whose last heartbeat is older is stale, milliseconds */
  staleMs: number;
  /** now, when the board begins to listen */
  nowUs: number;
}

/** What a decision gave away, to be counted until the nodes show it. */
export interface Assignment {
  callId: string | undefined;
  node?: string | undefined;
  trunk?: string | undefined;
  pin?: string | undefined;
}

/** The live load of the fleet, from the records of the collectors and from what we assigned ourselves. */
export interface LoadBoard extends LoadView {
  apply(load: NodeLoad): void;
  assign(assignment: Assignment, nowUs: number): void;
  /** Says that records were missed until now (the bus came back): silence until now proves nothing. */
  resume(nowUs: number): void;
  loads(): IterableIterator<NodeLoad>;
}

/** Our own assignments of the last seconds: two questions are asked about them, each remembers its sum. */
interface Rings {
  pending: RateRing;
  rate: RateRing;
}

/** From the answer until the collector can have counted the channel: INVITE, CHANNEL_CREATE, its event. */
const SETTLE_US = 400_000;
/** An assignment that no record confirms was refused elsewhere, or the bus is away: it counts this long at the most. */
const PENDING_US = 5_000_000;
/** What is this much ahead was not a little late or a little early: a clock was set back, or another collector's is ahead. */
const AHEAD_US = 10_000_000;
const SECOND_US = 1_000_000;

export function createLoadBoard({ staleMs, nowUs: startUs }: LoadBoardOptions): LoadBoard {
  const staleUs = staleMs * 1000;
  const nodes = new Map<string, NodeLoad>();
  const nodeRings = new Map<string, Rings>();
  const trunkRings = new Map<string, Rings>();
  const calls = new RecentCalls<string>();
  const pins = new RecentCalls<string>();
  let listeningUs = startUs;
  let newestUs = startUs;
  let latestUs = startUs;

  function apply(load: NodeLoad): void {
    const aheadUs = (nodes.get(load.node)?.at_us ?? 0) - load.at_us;
    // Of two collectors around a hand-over the later one knows better.
    if (aheadUs > 0 && aheadUs <= AHEAD_US) return;
    nodes.set(load.node, load);
    newestUs = Math.max(newestUs, load.heartbeat_us ?? 0);
    latestUs = Math.max(latestUs, newestUs, load.at_us);
  }

  /** Nobody was heard later than now: a node that is silent would count as fresh until it is that late. */
  function heedClock(nowUs: number): void {
    if (latestUs <= nowUs + AHEAD_US) return;
    latestUs = nowUs;
    newestUs = Math.min(newestUs, nowUs);
    listeningUs = Math.min(listeningUs, nowUs);
    for (const [name, load] of nodes) nodes.set(name, heardBy(load, nowUs));
  }

  function freshness(heard: NodeLoad | undefined, nowUs: number): Freshness {
    // One that was never heard has been silent from the moment we began to listen.
    const at = Math.max(heard?.heartbeat_us ?? 0, listeningUs);
    if (nowUs - at <= staleUs) return 'fresh';
    // Nobody was heard for longer than a heartbeat takes: this one's silence proves nothing that came after the others'.
    const isSilent = nowUs - newestUs > staleUs / 2;
    return isSilent && newestUs - at <= staleUs ? 'old' : 'stale';
  }

  function liveLoads(nowUs: number): NodeLoad[] {
    heedClock(nowUs);
    const all = [...nodes.values()];
    const live = all.filter((load) => freshness(load, nowUs) !== 'stale');
    return live.length > 0 ? live : all;
  }

  function pendingSince(rings: Rings | undefined, seenUs: number, nowUs: number): number {
    return rings?.pending.countSince(Math.max(seenUs - SETTLE_US, nowUs - PENDING_US), nowUs) ?? 0;
  }

  function figures(name: string, nowUs: number): NodeFigures {
    heedClock(nowUs);
    const heard = nodes.get(name);
    const rings = nodeRings.get(name);
    return {
      heard,
      freshness: freshness(heard, nowUs),
      pending: pendingSince(rings, heard?.at_us ?? 0, nowUs),
      rate: rings?.rate.countSince(nowUs - SECOND_US, nowUs) ?? 0,
    };
  }

  function trunkChannels(name: string, nowUs: number): number {
    let channels = 0;
    let seenUs = 0;
    for (const { trunks, at_us } of liveLoads(nowUs)) {
      if (!Object.hasOwn(trunks, name)) continue;
      channels += trunks[name] ?? 0;
      seenUs = Math.max(seenUs, at_us);
    }
    return channels + pendingSince(trunkRings.get(name), seenUs, nowUs);
  }

  function nodeOfPin(pin: string, nowUs: number): string | undefined {
    let best: { node: string; count: number } | undefined;
    for (const { node, pins: counts } of liveLoads(nowUs)) {
      const count = counts !== undefined && Object.hasOwn(counts, pin) ? (counts[pin] ?? 0) : 0;
      const wins = best === undefined || count > best.count || (count === best.count && node < best.node);
      if (count > 0 && wins) best = { node, count };
    }
    return best?.node ?? pins.get(pin);
  }

  function assign({ callId, node, trunk, pin }: Assignment, nowUs: number): void {
    if (node !== undefined) {
      // A call that is asked about again is not a second call.
      if (callId === undefined || calls.get(callId) !== node) count(nodeRings, node, nowUs);
      if (callId !== undefined) calls.set(callId, node, nowUs);
      if (pin !== undefined) pins.set(pin, node, nowUs);
    }
    if (trunk !== undefined) count(trunkRings, trunk, nowUs);
  }

  return {
    apply,
    assign,
    resume: (nowUs) => {
      listeningUs = nowUs;
      newestUs = Math.max(newestUs, nowUs);
      latestUs = Math.max(latestUs, nowUs);
    },
    loads: () => nodes.values(),
    node: (name) => nodes.get(name),
    figures,
    trunkChannels,
    trunkRate: (name, nowUs) => trunkRings.get(name)?.rate.countSince(nowUs - SECOND_US, nowUs) ?? 0,
    nodeOfCall: (callId) => calls.get(callId),
    nodeOfPin,
  };
}

/** The same figures, said no later than `nowUs`. */
function heardBy(load: NodeLoad, nowUs: number): NodeLoad {
  const { at_us, heartbeat_us } = load;
  return {
    ...load,
    at_us: Math.min(at_us, nowUs),
    heartbeat_us: heartbeat_us === null ? null : Math.min(heartbeat_us, nowUs),
  };
}

function count(all: Map<string, Rings>, name: string, nowUs: number): void {
  let rings = all.get(name);
  if (rings === undefined) {
    rings = { pending: new RateRing(), rate: new RateRing() };
    all.set(name, rings);
  }
  rings.pending.add(nowUs);
  rings.rate.add(nowUs);
}
