import { useState } from 'preact/hooks';
import { toProblem } from '../api/problem.ts';
import { useResource } from '../api/resource.ts';
import type { Page } from '../api/shapes.ts';
import { type Draft, newDraft, openDraft, removeDraft, tryDraft } from '../edit/draft.ts';
import { Editor, type Look } from '../edit/editor.tsx';
import { ItemTable } from '../edit/item-table.tsx';
import type { Item } from '../edit/kind.ts';
import { ResourceView } from '../parts/resource-view.tsx';
import { mayDo, useSession } from '../session.ts';
import { CsvImport } from './csv-import.tsx';
import { KindChoice } from './kind-choice.tsx';
import { KINDS } from './kinds.ts';

const MOST = 200;
const FIRST = KINDS.find(({ path }) => path === 'users');

/** Who may register and be called, and where calls go: looked at one kind at a time, changed by hand or by files. */
export function ProvisioningPage() {
  const { api, access } = useSession();
  const [path, setPath] = useState(FIRST?.path);
  const [text, setText] = useState('');
  const [draft, setDraft] = useState<Draft>();
  const [failure, setFailure] = useState('');
  const kind = KINDS.find((one) => one.path === path) ?? KINDS[0];
  const query = new URLSearchParams({ limit: String(MOST), ...(text === '' ? {} : { q: text }) });
  const resource = useResource(`${path} ${query}`, (signal) =>
    api.ask<Page<Item>>(`/v1/${path}?${query}`, { signal }),
  );
  if (kind === undefined) return null;
  const isFleet = access.tenant === null;
  const mayChange = mayDo(access, kind.role, kind.part);
  const mayEdit = mayChange && kind.fields.length > 0;
  const edit = (opened: Draft | undefined) => {
    setDraft(opened);
    setFailure('');
  };
  const open = (item: Item) =>
    openDraft(api, kind, item).then(edit, (error: unknown) => setFailure(toProblem(error).message));
  const look: Look = async (changed, item) => {
    await (item === null ? removeDraft(api, changed, { isTried: true }) : tryDraft(api, changed, item));
    return <p class="quiet">That can be done. Nothing is stored yet.</p>;
  };
  const saved = () => {
    edit(undefined);
    resource.reload();
  };
  return (
    <>
      <header class="page-head">
        <h1>Provisioning</h1>
      </header>
      <KindChoice
        kind={kind}
        isFleet={isFleet}
        onKind={(chosen) => {
          setPath(chosen);
          edit(undefined);
        }}
        onFind={setText}
        onNew={mayEdit ? () => edit(newDraft(kind)) : undefined}
      />
      {failure !== '' && (
        <p class="failure-line" role="alert">
          {failure}
        </p>
      )}
      {draft !== undefined && (
        <Editor
          key={`${path} ${draft.etag ?? 'new'}`}
          draft={draft}
          look={look}
          isFleet={isFleet}
          onClose={() => edit(undefined)}
          onSaved={saved}
        />
      )}
      <ResourceView resource={resource}>
        {({ items, next_cursor }) => (
          <>
            <ItemTable
              kind={kind}
              shown={kind.shown}
              items={items}
              none={`No ${kind.many} ${text === '' ? 'yet' : 'like that'}`}
              onOpen={mayEdit ? open : undefined}
            />
            {next_cursor !== null && (
              <p class="quiet">The first {MOST}: find by a part of the name for others.</p>
            )}
          </>
        )}
      </ResourceView>
      {mayChange && <CsvImport key={kind.path} kind={kind} onStored={resource.reload} />}
    </>
  );
}
