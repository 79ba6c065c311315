import type { ClientBase } from 'pg';
import { CodedError } from '../../errors/coded-error.ts';
import { type AuditEntry, insertAudit } from '../audit.sql.ts';
import { readDomainsOf } from '../domains.sql.ts';
import { type CheckedItem, checkItem, type WriteMode } from './check-item.ts';
import { etagOf, matchesEtag } from './etag.ts';
import { checkKey, keyOf, keyText } from './key.ts';
import { type Refusal, refusalsOf, refuse } from './refusal.ts';
import type { Author, Item, Json, Resource } from './resource.ts';
import { insertRows, lockItems, readItems, type StoredItem, updateRows } from './rows.sql.ts';

export interface WriteOptions {
  author: Author;
  /** `upsert` changes what is there and makes what is not */
  mode: WriteMode | 'upsert';
  /** of one item: the version that is changed, as in an If-Match header */
  ifMatch?: string | undefined;
}

/** What became of one item. */
export interface Written {
  did: 'created' | 'updated' | 'unchanged';
  stored: StoredItem;
  /** what is told only now */
  shown: Record<string, Json>;
}

/** One item on its way into the database. */
interface Draft {
  given: Item;
  key: Record<string, Json>;
  before: StoredItem | undefined;
  checked: CheckedItem;
  shown: Record<string, Json>;
}

/**
 * Stores items in the caller's transaction: some statements for all of them, however many they are. An item whose values
 * cannot be is told in its place and not stored; what the database itself refuses is thrown and fails all of them.
 * @throws CodedError `already-exists`, `not-found`, `version-differs`, and what PostgreSQL says of a violation
 */
export async function writeItems(
  client: ClientBase,
  resource: Resource,
  items: readonly Item[],
  options: WriteOptions,
): Promise<(Written | readonly Refusal[])[]> {
  const { author } = options;
  const prepared = resource.prepare === undefined ? items : await resource.prepare(client, items, author);
  const checkedKeys = prepared.map((item) =>
    item instanceof Error ? told(item) : named(resource, item, author),
  );
  const isMaking = options.mode === 'create' || options.mode === 'upsert';
  const keyed = isMaking ? await withinWall(client, resource, checkedKeys, author) : checkedKeys;
  const befores = await lockAndRead(client, resource, keyed, author);
  const drafts = keyed.map((item, place) =>
    isTold(item) ? item : attempt(() => draft(resource, item, befores.get(place), options)),
  );
  const good = drafts.filter((each): each is Draft => !isTold(each));
  await store(client, resource, good);
  const written = await readBack(client, resource, good, author);
  await insertAudit(
    client,
    good.flatMap((each, index) => toEntry(resource, each, written[index], author)),
  );
  let next = 0;
  return drafts.map((each) => (isTold(each) ? each : (written[next++] ?? [])));
}

/** An item with its key as it is stored; where that cannot be, everything that is wrong with it. */
function named(resource: Resource, item: Item, author: Author): Item | readonly Refusal[] {
  const checked = attempt(() => checkKey(resource, item, author));
  if (!isTold(checked)) return checked;
  const all = attempt(() => checkItem(resource, { given: item, before: undefined, mode: 'create', author }));
  return isTold(all) ? all : checked;
}

/**
 * A tenant's things go into its own domains. Asked before anything is stored: what the database says of a thing that is
 * there already would tell of another tenant's.
 */
async function withinWall(
  client: ClientBase,
  resource: Resource,
  items: readonly (Item | readonly Refusal[])[],
  { tenant }: Author,
): Promise<(Item | readonly Refusal[])[]> {
  if (tenant === undefined || resource.fields['domain'] === undefined) return [...items];
  const asked = items.flatMap((item) => (isTold(item) ? [] : [String(item['domain'] ?? '').toLowerCase()]));
  const own = await readDomainsOf(client, tenant, [...new Set(asked)]);
  return items.map((item) => {
    const isOwn =
      isTold(item) || item['domain'] === undefined || own.has(String(item['domain']).toLowerCase());
    if (isOwn) return item;
    const domain = item['domain'] ?? '';
    return [{ field: 'domain', reason: domain === '' ? 'is needed' : `there is no domain ${domain}` }];
  });
}

function draft(
  resource: Resource,
  given: Item,
  before: StoredItem | undefined,
  { author, mode, ifMatch }: WriteOptions,
): Draft {
  if (before === undefined && (mode === 'replace' || mode === 'patch')) throw notFound(resource, given);
  if (before !== undefined && mode === 'create') throw taken(resource, given);
  requireVersion(resource, before, ifMatch);
  const checkMode = mode === 'upsert' ? (before === undefined ? 'create' : 'patch') : mode;
  const checked = checkItem(resource, { given, before: before?.item, mode: checkMode, author });
  const made = before === undefined ? resource.make?.({ ...given, ...checked.columns }, author) : undefined;
  Object.assign(checked.columns, made?.columns);
  const key =
    before === undefined ? keyOf(resource, { ...given, ...checked.columns }) : keyOf(resource, before.item);
  return { given, key, before, checked, shown: made?.shown ?? {} };
}

/** @throws CodedError `version-differs`, with the thing as it is */
export function requireVersion(
  resource: Resource,
  before: StoredItem | undefined,
  ifMatch: string | undefined,
): void {
  if (before === undefined || ifMatch === undefined) return;
  const etag = etagOf(resource, before);
  if (matchesEtag(ifMatch, etag)) return;
  throw new CodedError('version-differs', 'it was changed since you read it', {
    details: { current: before.item, etag },
  });
}

async function lockAndRead(
  client: ClientBase,
  resource: Resource,
  keyed: readonly (Item | readonly Refusal[])[],
  { tenant }: Author,
): Promise<Map<number, StoredItem>> {
  const keys = keyed.map((item) => (isTold(item) ? {} : keyOf(resource, item)));
  await lockItems(client, resource, keys);
  return readItems(client, resource, { keys, tenant });
}

/** Rows that set the same columns go together. */
async function store(client: ClientBase, resource: Resource, drafts: readonly Draft[]): Promise<void> {
  for (const group of Map.groupBy(drafts, signature).values()) {
    if (group[0]?.before === undefined) {
      const keys = await insertRows(
        client,
        resource,
        group.map(({ checked }) => checked.columns),
      );
      for (const [index, each] of group.entries()) each.key = { ...keys[index] };
    } else {
      await updateRows(
        client,
        resource,
        group.map(({ key, checked: { columns } }) => ({ key, columns })),
      );
    }
  }
  for (const { key, given, checked } of drafts)
    for (const [name, value] of Object.entries(checked.parts))
      await resource.fields[name]?.write?.(client, value, { ...given, ...key });
}

function signature({ before, checked }: Draft): string {
  return [before === undefined, ...Object.keys(checked.columns).sort()].join();
}

/** What is not the author's after it was written must not have been written: the tenant's wall holds for new values too. */
async function readBack(
  client: ClientBase,
  resource: Resource,
  drafts: readonly Draft[],
  author: Author,
): Promise<Written[]> {
  const keys = drafts.map(({ key }) => key);
  const stored = await readItems(client, resource, { keys, tenant: author.tenant });
  const written: Written[] = [];
  for (const [index, { before, checked, given, shown }] of drafts.entries()) {
    const now = stored.get(index);
    if (now === undefined) throw notYours(resource, given);
    await resource.confirm?.(client, now.item, author);
    const isSame = JSON.stringify(before?.item) === JSON.stringify(now.item) && checked.secrets.length === 0;
    written.push({
      did: before === undefined ? 'created' : isSame ? 'unchanged' : 'updated',
      stored: now,
      shown,
    });
  }
  return written;
}

function toEntry(
  resource: Resource,
  { before, checked }: Draft,
  written: Written | undefined,
  author: Author,
): AuditEntry[] {
  if (written === undefined || written.did === 'unchanged') return [];
  const { stored, did } = written;
  return [
    {
      ...{ actor: author.actor, role: author.role, address: author.address },
      action: did === 'created' ? 'create' : 'update',
      resource: resource.name,
      key: keyText(resource, stored.item),
      tenant: stored.owner,
      before: before?.item ?? null,
      after: stored.item,
      secrets: checked.secrets,
    },
  ];
}

export function notFound({ words: [one] }: Resource, item: Item): CodedError {
  return new CodedError('not-found', `there is no such ${one}`, {
    details: { asked: Object.keys(item).length },
  });
}

function taken(resource: Resource, item: Item): CodedError {
  const [one] = resource.words;
  return new CodedError('already-exists', `there already is a ${one} ${keyText(resource, item)}`, {
    details: { field: resource.key.at(-1)?.field },
  });
}

/** In the words that a domain that does not exist has: whose it is must not be told. */
function notYours(resource: Resource, item: Item): CodedError {
  const field = ['domain', 'tenant'].find((name) => name in resource.fields) ?? '';
  return refuse({ field, reason: `there is no ${field} ${item[field] ?? ''}` });
}

function isTold<T extends object>(value: T | readonly Refusal[]): value is readonly Refusal[] {
  return Array.isArray(value);
}

function attempt<T>(work: () => T): T | readonly Refusal[] {
  try {
    return work();
  } catch (error) {
    return told(error);
  }
}

function told(error: unknown): readonly Refusal[] {
  // not there, there already, another version: one item's own answer, which is no refusal of a value
  const refusals =
    error instanceof CodedError && error.code === 'value-refused' ? refusalsOf(error) : undefined;
  if (refusals === undefined) throw error;
  return refusals;
}
