import type { Api } from '../api/client.ts';
import type { RoutingPreview } from '../api/contract.ts';
import { changeOf, type Draft } from '../edit/draft.ts';
import type { Item } from '../edit/kind.ts';

/** What a change would come to for a call; null: what is opened is taken away. Nothing is kept. @throws Problem */
export function previewDraft(
  api: Api,
  draft: Draft,
  { item, question }: { item: Item | null; question: Item },
): Promise<RoutingPreview> {
  const { kind, before, etag } = draft;
  const key = Object.fromEntries(kind.key.map((name) => [name, before[name]]));
  const change = item === null ? {} : { change: changeOf(draft, item) };
  const body = etag === undefined && item !== null ? { create: changeOf(draft, item) } : { key, ...change };
  return api.ask<RoutingPreview>(`/v1/routing/preview/${kind.path}`, {
    method: 'POST',
    body: { question, ...body },
  });
}
