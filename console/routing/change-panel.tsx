import { useState } from 'preact/hooks';
import { toProblem } from '../api/problem.ts';
import { useResource } from '../api/resource.ts';
import type { Page } from '../api/shapes.ts';
import { type Draft, newDraft, openDraft } from '../edit/draft.ts';
import { Editor, type Look } from '../edit/editor.tsx';
import { ItemTable } from '../edit/item-table.tsx';
import type { Item, Kind } from '../edit/kind.ts';
import { KindSelect } from '../edit/kind-select.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { useSession } from '../session.ts';
import { KINDS } from './kinds.ts';
import { previewDraft } from './preview.ts';
import { PreviewView } from './preview-view.tsx';

const MOST = 50;
const COLUMNS = 6;

/** What decides where calls go, and its editor: each change is previewed by what it does to the explained call. */
export function ChangePanel({ question, onSaved }: { question: Item; onSaved: () => void }) {
  const { api } = useSession();
  const [path, setPath] = useState<Kind['path']>('dids');
  const [text, setText] = useState('');
  const [draft, setDraft] = useState<Draft>();
  const [failure, setFailure] = useState('');
  const kind = KINDS.find((one) => one.path === path) ?? KINDS[0];
  const query = new URLSearchParams({ limit: String(MOST), ...(text === '' ? {} : { q: text }) });
  const resource = useResource(`${path} ${query}`, (signal) =>
    api.ask<Page<Item>>(`/v1/${path}?${query}`, { signal }),
  );
  if (kind === undefined) return null;
  const open = (item: Item) => {
    setFailure('');
    openDraft(api, kind, item).then(setDraft, (error: unknown) => setFailure(toProblem(error).message));
  };
  const look: Look = async (changed, item) => (
    <PreviewView preview={await previewDraft(api, changed, { item, question })} />
  );
  const saved = () => {
    setDraft(undefined);
    resource.reload();
    onSaved();
  };
  return (
    <section aria-label="Change">
      <h2>Change what decides</h2>
      <div class="choices">
        <KindSelect
          kinds={KINDS}
          path={kind.path}
          onChoose={(chosen) => {
            setPath(chosen);
            setDraft(undefined);
            setFailure('');
          }}
        />
        <label>
          Find <input maxLength={100} onChange={(event) => setText(event.currentTarget.value.trim())} />
        </label>
        <button type="button" onClick={() => setDraft(newDraft(kind))}>
          New {kind.one}
        </button>
      </div>
      {failure !== '' && (
        <p class="failure-line" role="alert">
          {failure}
        </p>
      )}
      {draft === undefined ? (
        <ResourceView resource={resource}>
          {({ items, next_cursor }) => (
            <>
              <ItemTable
                kind={kind}
                shown={kind.fields.slice(0, COLUMNS).map(({ name }) => name)}
                items={items}
                none={`No ${kind.many} here`}
                onOpen={open}
              />
              {next_cursor !== null && (
                <p class="quiet">The first {MOST}: find by a part of the name for others.</p>
              )}
            </>
          )}
        </ResourceView>
      ) : (
        <Editor
          key={`${path} ${draft.etag ?? 'new'}`}
          draft={draft}
          look={look}
          isFleet
          onClose={() => setDraft(undefined)}
          onSaved={saved}
        />
      )}
    </section>
  );
}
