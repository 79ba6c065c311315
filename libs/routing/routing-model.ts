import { SplitMap } from '../snapshot/split-map.ts';
import { handle, type SnapshotModel } from '../snapshot/table.ts';
import { DID_ROUTING, type DidRow } from '../snapshot/tables/did-routing.ts';
import { DOMAINS, type DomainRow } from '../snapshot/tables/domains.ts';

/** Everything routing decides from. */
export interface RoutingModel extends SnapshotModel {
  readonly didCount: number;
  /** By name, as a SIP host is written. */
  domain(name: string): DomainRow | undefined;
  /** The rows of a DID in E.164, highest priority first; empty when nobody has it. */
  did(number: string): readonly DidRow[];
}

const NONE: readonly DidRow[] = [];

export function createRoutingModel(): RoutingModel {
  const domains = new SplitMap<DomainRow>();
  const dids = new SplitMap<readonly DidRow[]>();

  function putDid(row: DidRow): void {
    const others = (dids.get(row.key) ?? NONE).filter((other) => other.id !== row.id);
    dids.set(
      row.key,
      [...others, row].sort((left, right) => right.priority - left.priority),
    );
  }

  return {
    handlers: [
      handle(DOMAINS, {
        put: (row) => domains.set(row.key, row),
        remove: (_domain, key) => domains.delete(key),
      }),
      handle(DID_ROUTING, { put: putDid, remove: (_domain, key) => dids.delete(key) }),
    ],
    get didCount() {
      return dids.size;
    },
    domain: (name) => domains.get(name.toLowerCase()),
    did: (number) => dids.get(number) ?? NONE,
  };
}
