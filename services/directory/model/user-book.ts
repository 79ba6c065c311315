import { foldName } from '../../../libs/freeswitch/xml/name.ts';
import { SplitMap } from '../../../libs/snapshot/split-map.ts';
import { handle, type TableHandler } from '../../../libs/snapshot/table.ts';
import { USERS, type UserRow } from '../../../libs/snapshot/tables/users.ts';
import { packUser, unpackUser } from './packed-user.ts';

/** What a user is looked up by. */
export type UserKey = 'id' | 'number-alias';

/** The users of the fleet, by domain. */
export interface UserBook {
  readonly handler: TableHandler;
  readonly size: number;
  /** Names as FreeSWITCH sends them. Disabled users are there too: who answers decides. */
  find(key: UserKey, name: string, domain: string): UserRow | undefined;
  /** All users of a domain, in no order. */
  of(domain: string): Iterable<UserRow>;
  /** Users whom an address lets in without a password, and the domains that have such. */
  withCidrs(domain: string): Iterable<UserRow>;
  domainsWithCidrs(): Iterable<string>;
}

/** All users of one domain. A user is its key in lower case. */
interface DomainUsers {
  name: string;
  packed: Map<string, string>;
  /** number alias in lower case → key */
  keys: Map<string, string>;
  withCidrs: Set<string>;
}

export function createUserBook(): UserBook {
  const domains = new SplitMap<DomainUsers>();
  let size = 0;

  function open(name: string): DomainUsers {
    const known = domains.get(name);
    if (known !== undefined) return known;
    const made = { name, packed: new Map(), keys: new Map(), withCidrs: new Set<string>() };
    domains.set(name, made);
    return made;
  }

  function remove(domain: DomainUsers, key: string): void {
    const row = read(domain, key);
    if (row === undefined) return;
    domain.packed.delete(key);
    domain.withCidrs.delete(key);
    if (row.number_alias !== null) domain.keys.delete(foldName(row.number_alias));
    size -= 1;
  }

  function put(row: UserRow): void {
    const domain = open(row.domain);
    remove(domain, row.key);
    domain.packed.set(row.key, packUser(row));
    if (row.number_alias !== null) domain.keys.set(foldName(row.number_alias), row.key);
    if (row.allowed_cidrs !== null) domain.withCidrs.add(row.key);
    size += 1;
  }

  function removeNamed(domainName: string | null, key: string): void {
    const domain = domains.get(domainName ?? '');
    if (domain === undefined) return;
    remove(domain, key);
    if (domain.packed.size === 0) domains.delete(domain.name);
  }

  function* readAll(name: string, keysOf: (domain: DomainUsers) => Iterable<string>): Generator<UserRow> {
    const domain = domains.get(name);
    if (domain === undefined) return;
    for (const key of keysOf(domain)) {
      const row = read(domain, key);
      if (row !== undefined) yield row;
    }
  }

  return {
    handler: handle(USERS, { put, remove: removeNamed }),
    get size() {
      return size;
    },
    find: (by, name, domainName) => {
      const domain = domains.get(foldName(domainName));
      const key = by === 'id' ? foldName(name) : domain?.keys.get(foldName(name));
      return domain === undefined || key === undefined ? undefined : read(domain, key);
    },
    of: (domain) => readAll(domain, ({ packed }) => packed.keys()),
    withCidrs: (domain) => readAll(domain, (users) => users.withCidrs),
    *domainsWithCidrs() {
      for (const { name, withCidrs } of domains.values()) if (withCidrs.size > 0) yield name;
    },
  };
}

function read({ name, packed }: DomainUsers, key: string): UserRow | undefined {
  const text = packed.get(key);
  return text === undefined ? undefined : unpackUser(text, name, key);
}
