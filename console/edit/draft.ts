import type { Api } from '../api/client.ts';
import { changesOf } from './difference.ts';
import { blankOf, type Item, type Kind, pathOf } from './kind.ts';

/** A thing as it was read, with the version that is changed; without an ETag it is made. */
export interface Draft {
  kind: Kind;
  before: Item;
  etag: string | undefined;
}

/** A thing that is not there yet. */
export const newDraft = (kind: Kind): Draft => ({ kind, before: blankOf(kind), etag: undefined });

/** Reads one thing as it is now. @throws Problem */
export async function openDraft(api: Api, kind: Kind, item: Item): Promise<Draft> {
  const answer = await api.send(pathOf(kind, item), {});
  return { kind, before: (await answer.json()) as Item, etag: answer.headers.get('etag') ?? undefined };
}

/** What is sent: all of a new thing, else what differs, without what names it. */
export function changeOf({ kind, before, etag }: Draft, item: Item): Item {
  if (etag === undefined) return withoutNulls(item);
  const changes = Object.entries(changesOf(before, item));
  return Object.fromEntries(changes.filter(([name]) => !kind.key.includes(name)));
}

/** Checks a change by all rules, and keeps nothing of it. @throws Problem as `saveDraft` does */
export const tryDraft = (api: Api, draft: Draft, item: Item): Promise<void> =>
  send(api, draft, { item, query: '?dry_run=true' });

/** Stores it, when nobody changed it since it was read. @throws Problem `version-differs`, with `details.current` */
export const saveDraft = (api: Api, draft: Draft, item: Item): Promise<void> =>
  send(api, draft, { item, query: '' });

async function send(api: Api, draft: Draft, { item, query }: { item: Item; query: string }): Promise<void> {
  const { kind, before, etag } = draft;
  const body = changeOf(draft, item);
  if (etag === undefined) await api.send(`/v1/${kind.path}${query}`, { method: 'POST', body });
  else
    await api.send(`${pathOf(kind, before)}${query}`, {
      method: 'PATCH',
      body,
      headers: { 'if-match': etag },
    });
}

/** Takes it away, when nobody changed it since it was read; `isTried`: only whether that can be. @throws Problem `version-differs`, `in-use` */
export async function removeDraft(
  api: Api,
  { kind, before, etag }: Draft,
  { isTried = false } = {},
): Promise<void> {
  const headers = etag === undefined ? {} : { 'if-match': etag };
  await api.send(`${pathOf(kind, before)}${isTried ? '?dry_run=true' : ''}`, { method: 'DELETE', headers });
}

const withoutNulls = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null));
