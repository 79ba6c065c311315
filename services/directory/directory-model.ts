import { foldName } from '../../libs/freeswitch/xml/name.ts';
import { SplitMap } from '../../libs/snapshot/split-map.ts';
import { handle, type SnapshotModel } from '../../libs/snapshot/table.ts';
import { DOMAINS, type DomainRow } from '../../libs/snapshot/tables/domains.ts';
import { NODES, type NodeRow } from '../../libs/snapshot/tables/nodes.ts';
import { USERS, type UserRow } from '../../libs/snapshot/tables/users.ts';

/** Everything the directory answers from. Lookups take names as FreeSWITCH sends them. */
export interface DirectoryModel extends SnapshotModel {
  readonly userCount: number;
  domain(name: string): DomainRow | undefined;
  /** By `id`, or by `number-alias`. Disabled users are there too: who answers decides. */
  user(key: 'id' | 'number-alias', name: string, domain: string): UserRow | undefined;
  /** By switchname. */
  node(switchname: string): NodeRow | undefined;
}

export function createDirectoryModel(): DirectoryModel {
  const domains = new SplitMap<DomainRow>();
  const nodes = new SplitMap<NodeRow>();
  const users = new SplitMap<UserRow>();
  const aliases = new SplitMap<UserRow>();

  function removeUser(address: string): void {
    const alias = users.get(address)?.number_alias;
    const domain = users.get(address)?.domain ?? '';
    if (alias) aliases.delete(addressOf(alias, domain));
    users.delete(address);
  }

  function putUser(row: UserRow): void {
    removeUser(addressOf(row.key, row.domain));
    users.set(addressOf(row.key, row.domain), row);
    if (row.number_alias) aliases.set(addressOf(row.number_alias, row.domain), row);
  }

  return {
    handlers: [
      handle(DOMAINS, {
        put: (row) => domains.set(row.key, row),
        remove: (_domain, key) => domains.delete(key),
      }),
      handle(USERS, {
        put: putUser,
        remove: (domain, key) => removeUser(addressOf(key, domain ?? '')),
      }),
      handle(NODES, {
        put: (row) => nodes.set(foldName(row.key), row),
        remove: (_domain, key) => nodes.delete(foldName(key)),
      }),
    ],
    get userCount() {
      return users.size;
    },
    domain: (name) => domains.get(foldName(name)),
    user: (key, name, domain) => (key === 'id' ? users : aliases).get(addressOf(name, domain)),
    node: (switchname) => nodes.get(foldName(switchname)),
  };
}

function addressOf(name: string, domain: string): string {
  return foldName(`${name}@${domain}`);
}
