import { SplitMap } from '../snapshot/split-map.ts';
import { handle, type TableHandler } from '../snapshot/table.ts';
import { SUBSCRIBERS, type SubscriberRow } from './tables/subscribers.ts';

/** Which users there are. */
export interface UserIndex {
  readonly handler: TableHandler;
  readonly size: number;
  /** The user's id as it is stored, found by id or by number alias; undefined: nobody, or disabled. */
  find(domain: string, name: string): string | undefined;
}

export function createUserIndex(): UserIndex {
  const users = new SplitMap<string>();
  const aliases = new SplitMap<string>();
  const aliasOf = new SplitMap<string>();

  function remove(address: string): void {
    const alias = aliasOf.get(address);
    if (alias !== undefined) aliases.delete(alias);
    aliasOf.delete(address);
    users.delete(address);
  }

  function put(row: SubscriberRow): void {
    const address = addressOf(row.domain, row.key);
    remove(address);
    if (!row.enabled) return;
    users.set(address, row.user_id);
    if (row.number_alias === null) return;
    const alias = addressOf(row.domain, row.number_alias);
    aliases.set(alias, row.user_id);
    aliasOf.set(address, alias);
  }

  return {
    handler: handle(SUBSCRIBERS, { put, remove: (domain, key) => remove(addressOf(domain ?? '', key)) }),
    get size() {
      return users.size;
    },
    find: (domain, name) => {
      const address = addressOf(domain, name);
      return users.get(address) ?? aliases.get(address);
    },
  };
}

function addressOf(domain: string, name: string): string {
  return `${name.toLowerCase()}@${domain}`;
}
