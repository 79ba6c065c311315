import { createDidIndex } from '../../../libs/routing/did-index.ts';
import type { DidTarget } from '../../../libs/routing/entities.ts';
import { SplitMap } from '../../../libs/snapshot/split-map.ts';
import { handle, type TableHandler } from '../../../libs/snapshot/table.ts';
import { type DestType, DID_ROUTING, type DidRow } from '../../../libs/snapshot/tables/did-routing.ts';

/** The DIDs of the fleet, and what the names are that they lead to. */
export interface DidBook {
  readonly handler: TableHandler;
  /** The highest priority of a number in E.164; the others follow by `next`. */
  get(number: string): DidTarget | undefined;
  /** What a name is that a DID of the domain leads to: routing hands calls over under it, and users dial it. */
  destTypeOf(destination: string, domain: string): DestType | undefined;
}

/** Kinds of destination that have names of their own; extensions and mailboxes are users. */
const NAMED: readonly DestType[] = ['conference', 'queue', 'ivr'];

export function createDidBook(): DidBook {
  const index = createDidIndex();
  const named = new SplitMap<ReadonlyMap<DestType, number>>();

  function count(target: DidTarget, step: 1 | -1): void {
    if (!NAMED.includes(target.destType)) return;
    const name = `${target.destination}@${target.domain}`;
    const types = new Map(named.get(name));
    types.set(target.destType, (types.get(target.destType) ?? 0) + step);
    if (types.get(target.destType) === 0) types.delete(target.destType);
    if (types.size > 0) named.set(name, types);
    else named.delete(name);
  }

  function recount(number: string, step: 1 | -1): void {
    for (let target = index.get(number); target !== undefined; target = target.next) count(target, step);
  }

  return {
    handler: handle(DID_ROUTING, {
      put: (row: DidRow) => {
        recount(row.key, -1);
        index.handler.put([row]);
        recount(row.key, 1);
      },
      remove: (domain, key) => {
        recount(key, -1);
        index.handler.remove(domain, key);
      },
    }),
    get: index.get,
    destTypeOf: (destination, domain) => {
      const types = named.get(`${destination}@${domain}`);
      return NAMED.find((type) => types?.has(type));
    },
  };
}
