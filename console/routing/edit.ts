import type { Api } from '../api/client.ts';
import type { RoutingPreview } from '../api/contract.ts';
import { changesOf, type Item, type Kind, pathOf } from './kind.ts';

/** A thing as it was read, with the version that is changed; without an ETag it is made. */
export interface Draft {
  kind: Kind;
  before: Item;
  etag: string | undefined;
}

/** Reads one thing as it is now. @throws Problem */
export async function openDraft(api: Api, kind: Kind, item: Item): Promise<Draft> {
  const answer = await api.send(pathOf(kind, item), {});
  return { kind, before: (await answer.json()) as Item, etag: answer.headers.get('etag') ?? undefined };
}

/** What the change would come to for a call; nothing is kept. @throws Problem */
export function previewDraft(
  api: Api,
  draft: Draft,
  { item, question }: { item: Item; question: Item },
): Promise<RoutingPreview> {
  const { kind, before, etag } = draft;
  const change =
    etag === undefined
      ? { create: withoutNulls(item) }
      : {
          key: Object.fromEntries(kind.key.map((name) => [name, before[name]])),
          change: changedFields(draft, item),
        };
  return api.ask<RoutingPreview>(`/v1/routing/preview/${kind.path}`, {
    method: 'POST',
    body: { question, ...change },
  });
}

/** Stores it, when nobody changed it since it was read. @throws Problem `version-differs`, with `details.current` */
export async function saveDraft(api: Api, draft: Draft, item: Item): Promise<void> {
  const { kind, before, etag } = draft;
  if (etag === undefined) await api.send(`/v1/${kind.path}`, { method: 'POST', body: withoutNulls(item) });
  else
    await api.send(pathOf(kind, before), {
      method: 'PATCH',
      body: changedFields(draft, item),
      headers: { 'if-match': etag },
    });
}

/** Fields that name a thing are not changed. */
function changedFields({ kind, before }: Draft, item: Item): Item {
  const changes = changesOf(before, item);
  return Object.fromEntries(Object.entries(changes).filter(([name]) => !kind.key.includes(name)));
}

const withoutNulls = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null));
