import type { Pool, PoolClient } from 'pg';
import { transaction } from '../../postgres/transaction.ts';
import { insertAudit } from '../audit.sql.ts';
import { checkKey, keyOf, keyText } from './key.ts';
import type { Author, Item, Resource } from './resource.ts';
import { lockItems, readItems, type StoredItem } from './rows.sql.ts';

export interface AuditedOptions<T> {
  resource: Resource;
  author: Author;
  /** names what is changed or removed; undefined: it is made */
  before?: Item;
  /** names what was made or changed; undefined: it was removed */
  after?: (result: T) => Item;
  /** create, update or delete by default */
  action?: string;
  /** names of secrets that are set */
  secrets?: readonly string[];
}

/**
 * A change that has rules of its own, and its entry in the audit log with the thing before and after it: one transaction
 * holds both. @throws what `work` throws; CodedError `value-refused` (the name)
 */
export async function audited<T>(
  pool: Pool,
  { resource, author, before, after, action, secrets = [] }: AuditedOptions<T>,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const { actor, role, address } = author;
  return transaction(pool, async (client) => {
    const find = (item: Item) => findItem(client, resource, item, author);
    const old = before && (await find(before));
    const result = await work(client);
    const now = after && (await find(after(result)));
    const shown = now ?? old;
    if (shown === undefined) return result;
    const did = old === undefined ? 'create' : now === undefined ? 'delete' : 'update';
    await insertAudit(client, [
      {
        ...{ actor, role, address, action: action ?? did, resource: resource.name },
        key: keyText(resource, shown.item),
        ...{ tenant: shown.owner, before: old?.item ?? null, after: now?.item ?? null, secrets },
      },
    ]);
    return result;
  });
}

async function findItem(
  client: PoolClient,
  resource: Resource,
  item: Item,
  author: Author,
): Promise<StoredItem | undefined> {
  const keys = [keyOf(resource, checkKey(resource, item, author))];
  await lockItems(client, resource, keys);
  return (await readItems(client, resource, { keys, tenant: author.tenant })).get(0);
}
