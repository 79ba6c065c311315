import { SplitMap } from '../snapshot/split-map.ts';
import type { TableHandler } from '../snapshot/table.ts';
import { handle } from '../snapshot/table.ts';
import { type DestType, DID_ROUTING, type DidRow } from '../snapshot/tables/did-routing.ts';
import type { DidTarget } from './entities.ts';
import { scheduleOf } from './schedule.ts';

/** Destinations whose callers must meet on one server. */
export const PINNED: ReadonlySet<DestType> = new Set(['conference', 'queue']);

/** The DIDs of the fleet by number. A million of them must fit: one object each, and every repeated text only once. */
export interface DidIndex {
  readonly handler: TableHandler;
  readonly size: number;
  /** The highest priority of a number in E.164; the others follow by `next`. */
  get(number: string): DidTarget | undefined;
  /** What a room or queue of a domain is, when a DID leads to it: callers from inside must meet those from outside. */
  roomType(domain: string, destination: string): DestType | undefined;
}

/** DIDs that lead to a name, by what they say it is: where they disagree, every instance must choose the same. */
interface Rooms {
  conference: number;
  queue: number;
}

const NO_ROOM: Rooms = { conference: 0, queue: 0 };

export function createDidIndex(): DidIndex {
  const dids = new SplitMap<DidTarget>();
  const domains = new SplitMap<string>();
  const rooms = new SplitMap<Rooms>();

  function countRoom({ destType, destination, domain }: DidTarget, step: 1 | -1): void {
    if (destType !== 'conference' && destType !== 'queue') return;
    const name = `${destination}@${domain}`;
    const counts = { ...(rooms.get(name) ?? NO_ROOM) };
    counts[destType] += step;
    if (counts.conference + counts.queue > 0) rooms.set(name, counts);
    else rooms.delete(name);
  }

  function shared(domain: string): string {
    const known = domains.get(domain);
    if (known !== undefined) return known;
    domains.set(domain, domain);
    return domain;
  }

  const put = (row: DidRow) => {
    const target = targetOf(row, shared(row.domain));
    dids.update(row.key, (chain) => insert(chain, target));
    countRoom(target, 1);
  };
  const remove = (number: string) => {
    for (let target = dids.get(number); target !== undefined; target = target.next) countRoom(target, -1);
    dids.delete(number);
  };
  return {
    handler: handle(DID_ROUTING, { put, remove: (_domain, key) => remove(key) }),
    get size() {
      return dids.size;
    },
    get: (number) => dids.get(number),
    roomType: (domain, destination) => {
      const counts = rooms.get(`${destination}@${domain}`);
      if (counts === undefined) return undefined;
      return counts.conference > 0 ? 'conference' : 'queue';
    },
  };
}

function targetOf(row: DidRow, domain: string): DidTarget {
  return {
    domain,
    destType: row.dest_type,
    destination: row.destination,
    priority: row.priority,
    active: row.active,
    schedule: scheduleOf(row),
    failForward: row.fail_forward ?? undefined,
    next: undefined,
  };
}

/** A new chain with the target in its place; a priority that is there already is replaced. */
function insert(chain: DidTarget | undefined, target: DidTarget): DidTarget {
  if (chain === undefined) return target;
  if (chain.priority === target.priority) return { ...target, next: chain.next };
  if (chain.priority < target.priority) return { ...target, next: chain };
  return { ...chain, next: insert(chain.next, target) };
}
