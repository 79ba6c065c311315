import { foldName } from '../../../libs/freeswitch/xml/name.ts';
import { SplitMap } from '../../../libs/snapshot/split-map.ts';
import { handle, type TableHandler } from '../../../libs/snapshot/table.ts';
import { USERS, type UserRow } from '../../../libs/snapshot/tables/users.ts';

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

interface DomainUsers {
  /** one text for all of them */
  name: string;
  ids: Map<string, UserRow>;
  aliases: Map<string, UserRow>;
  withCidrs: Set<UserRow>;
}

const NOBODY: readonly UserRow[] = [];

export function createUserBook(): UserBook {
  const domains = new SplitMap<DomainUsers>();
  let size = 0;

  function open(name: string): DomainUsers {
    const known = domains.get(name);
    if (known !== undefined) return known;
    const made = { name, ids: new Map(), aliases: new Map(), withCidrs: new Set<UserRow>() };
    domains.set(name, made);
    return made;
  }

  function remove(domain: DomainUsers, key: string): void {
    const row = domain.ids.get(key);
    if (row === undefined) return;
    domain.ids.delete(key);
    domain.withCidrs.delete(row);
    if (row.number_alias !== null) domain.aliases.delete(foldName(row.number_alias));
    size -= 1;
    if (domain.ids.size === 0) domains.delete(domain.name);
  }

  function put(row: UserRow): void {
    remove(open(row.domain), row.key);
    const domain = open(row.domain);
    const kept = shareTexts(row, domain.name);
    domain.ids.set(kept.key, kept);
    if (kept.number_alias !== null) domain.aliases.set(foldName(kept.number_alias), kept);
    if (kept.allowed_cidrs !== null) domain.withCidrs.add(kept);
    size += 1;
  }

  function removeNamed(domainName: string | null, key: string): void {
    const domain = domains.get(domainName ?? '');
    if (domain !== undefined) remove(domain, key);
  }

  return {
    handler: handle(USERS, { put, remove: removeNamed }),
    get size() {
      return size;
    },
    find: (key, name, domainName) => {
      const domain = domains.get(foldName(domainName));
      return (key === 'id' ? domain?.ids : domain?.aliases)?.get(foldName(name));
    },
    of: (domain) => domains.get(domain)?.ids.values() ?? NOBODY,
    withCidrs: (domain) => domains.get(domain)?.withCidrs ?? NOBODY,
    *domainsWithCidrs() {
      for (const { name, withCidrs } of domains.values()) if (withCidrs.size > 0) yield name;
    },
  };
}

/** Rows come with texts of their own: 200,000 copies of what is the same for all would be half of the memory. */
function shareTexts(row: UserRow, domain: string): UserRow {
  row.domain = domain;
  if (row.user_id === row.key) row.user_id = row.key;
  if (row.caller_id_number === row.key) row.caller_id_number = row.key;
  if (row.esl_allowed_events === 'none') row.esl_allowed_events = 'none';
  if (row.esl_allowed_api === 'none') row.esl_allowed_api = 'none';
  return row;
}
