import { foldName } from '../../../libs/freeswitch/xml/name.ts';
import { SplitMap } from '../../../libs/snapshot/split-map.ts';
import { handle, type TableHandler } from '../../../libs/snapshot/table.ts';
import { DOMAINS, type DomainRow } from '../../../libs/snapshot/tables/domains.ts';

/** The SIP domains of the fleet. */
export interface DomainBook {
  readonly handler: TableHandler;
  /** Names as FreeSWITCH sends them. */
  get(name: string): DomainRow | undefined;
  /** The domains whose calls are in a dialplan context: those that name it, and the one that is called like it. */
  ofContext(context: string): readonly DomainRow[];
  /** For how long FreeSWITCH may keep users of a domain; undefined: not at all. */
  cacheableMs(domain: DomainRow): number | undefined;
}

/** What is derived from all domains together. */
interface Derived {
  contexts: ReadonlyMap<string, readonly DomainRow[]>;
  colliding: ReadonlySet<string>;
}

const NONE: readonly DomainRow[] = [];

export function createDomainBook(): DomainBook {
  const domains = new SplitMap<DomainRow>();
  let derived: Derived | undefined;

  /** Made when it is asked for: a load puts thousands of domains. */
  function derive(): Derived {
    derived ??= { contexts: byContext(domains.values()), colliding: findColliding(domains.values()) };
    return derived;
  }

  return {
    handler: handle(DOMAINS, {
      put: (row) => {
        domains.set(row.key, row);
        derived = undefined;
      },
      remove: (_domain, key) => {
        domains.delete(key);
        derived = undefined;
      },
    }),
    get: (name) => domains.get(foldName(name)),
    ofContext: (context) => derive().contexts.get(foldName(context)) ?? NONE,
    cacheableMs: ({ key, cacheable_ms: ms }) => (ms === null || derive().colliding.has(key) ? undefined : ms),
  };
}

function byContext(domains: Iterable<DomainRow>): Map<string, DomainRow[]> {
  const contexts = new Map<string, DomainRow[]>();
  for (const domain of domains) {
    for (const context of new Set([domain.key, foldName(domain.context ?? domain.key)])) {
      const others = contexts.get(context);
      if (others === undefined) contexts.set(context, [domain]);
      else others.push(domain);
    }
  }
  return contexts;
}

/**
 * Domains of which one ends in the other: FreeSWITCH caches under user and domain written together, without anything
 * between them, so `10` at `01.example` and `100` at `1.example` are one there. Written backwards and sorted, a name that
 * another one ends in stands right before the names that end in it.
 */
function findColliding(domains: Iterable<DomainRow>): Set<string> {
  const names = Array.from(domains, ({ key }) => ({ key, reversed: Array.from(key).reverse().join('') }));
  names.sort((left, right) => (left.reversed < right.reversed ? -1 : 1));
  const colliding = new Set<string>();
  const endings: typeof names = [];
  for (const name of names) {
    while (endings.length > 0 && !name.reversed.startsWith(endings.at(-1)?.reversed ?? '')) endings.pop();
    for (const ending of endings) colliding.add(ending.key).add(name.key);
    endings.push(name);
  }
  return colliding;
}
