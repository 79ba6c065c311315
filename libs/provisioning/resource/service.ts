import type { ClientBase, Pool, PoolClient } from 'pg';
import { CodedError } from '../../errors/coded-error.ts';
import { transaction } from '../../postgres/transaction.ts';
import { insertAudit } from '../audit.sql.ts';
import { checkKey, keyOf, keyText } from './key.ts';
import { explainViolation, refusalsOf, refuse } from './refusal.ts';
import { keepAnswer, recallAnswer } from './repeat.ts';
import type { RepeatedRequest } from './repeated-request.ts';
import type { Author, Item, Json, Resource } from './resource.ts';
import { deleteRow, lockItems, readItems, readUse, type StoredItem } from './rows.sql.ts';
import { notFound, requireVersion, type WriteOptions, type Written, writeItems } from './write-items.ts';

/** One thing. @throws CodedError `not-found`: it is not there, or it is another tenant's */
export async function getItem(
  pool: Pool,
  resource: Resource,
  key: Item,
  author: Author,
): Promise<StoredItem> {
  const checked = storedKey(resource, key, author);
  const found = await explained(resource, () =>
    readItems(pool, resource, { keys: [checked], tenant: author.tenant }),
  );
  const stored = found.get(0);
  if (stored === undefined) throw notFound(resource, key);
  return stored;
}

export interface ChangeOptions extends WriteOptions {
  /** everything is done and taken back: what would be the answer is */
  dryRun?: boolean | undefined;
  /** makes a repeated create give the first one's answer */
  repeat?: RepeatedRequest | undefined;
  /** called in the transaction when the change is made in it: it sees what would be */
  onChanged?: ((client: PoolClient) => Promise<void>) | undefined;
}

/**
 * Makes or changes one thing, with its entry in the audit log.
 * @throws CodedError `value-refused`, `already-exists`, `not-found`, `version-differs`
 */
export async function writeItem(
  pool: Pool,
  resource: Resource,
  item: Item,
  options: ChangeOptions,
): Promise<Written> {
  return explained(resource, () =>
    tryOut(pool, options.dryRun, async (client) => {
      const { repeat } = options;
      const earlier = repeat === undefined ? undefined : await recallAnswer(client, repeat);
      if (earlier !== undefined) return earlier;
      const [written] = await writeItems(client, resource, [item], options);
      if (written === undefined) throw notFound(resource, item);
      if (!('did' in written)) throw refuse(...written);
      if (repeat !== undefined) await keepAnswer(client, repeat, written);
      await options.onChanged?.(client);
      return written;
    }),
  );
}

/** Removes one thing. @throws CodedError `not-found`, `version-differs`, `in-use` */
export async function removeItem(
  pool: Pool,
  resource: Resource,
  key: Item,
  { author, ifMatch, dryRun, onChanged }: Pick<ChangeOptions, 'author' | 'ifMatch' | 'dryRun' | 'onChanged'>,
): Promise<void> {
  const keys = [storedKey(resource, key, author)];
  await explained(resource, () =>
    tryOut(pool, dryRun, async (client) => {
      await lockItems(client, resource, keys);
      const stored = (await readItems(client, resource, { keys, tenant: author.tenant })).get(0);
      if (stored === undefined) throw notFound(resource, key);
      requireVersion(resource, stored, ifMatch);
      await requireUnused(client, resource, keyOf(resource, stored.item));
      await deleteRow(client, resource, keyOf(resource, stored.item));
      await insertAudit(client, [
        {
          ...{ actor: author.actor, role: author.role, address: author.address },
          ...{ action: 'delete', resource: resource.name, key: keyText(resource, stored.item) },
          ...{ tenant: stored.owner, before: stored.item, after: null },
        },
      ]);
      await onChanged?.(client);
    }),
  );
}

/** @throws CodedError `in-use`, with what still needs it */
export async function requireUnused(
  client: ClientBase | Pool,
  resource: Resource,
  key: Readonly<Record<string, Json>>,
): Promise<void> {
  const use = await readUse(client, resource, key);
  if (use === undefined) return;
  throw new CodedError('in-use', `the ${resource.words[0]} still has ${use}: change or remove them first`);
}

/** What cannot be the name of anything is not there. @throws CodedError `not-found` */
function storedKey(resource: Resource, key: Item, author: Author): Record<string, Item[string]> {
  try {
    return keyOf(resource, checkKey(resource, key, author));
  } catch (error) {
    if (refusalsOf(error) === undefined) throw error;
    throw notFound(resource, key);
  }
}

/** In one transaction, which is rolled back after a dry run. */
export async function tryOut<T>(
  pool: Pool,
  dryRun: boolean | undefined,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const dry: { result?: { value: T } } = {};
  try {
    return await transaction(pool, async (client) => {
      const value = await work(client);
      if (!dryRun) return value;
      dry.result = { value };
      throw new CodedError('dry-run', 'nothing is kept of a dry run');
    });
  } catch (error) {
    if (dry.result !== undefined) return dry.result.value;
    throw error;
  }
}

/** Says what the database refused in the words of the resource. */
export async function explained<T>(resource: Resource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainViolation(error, resource.words[0]);
  }
}
