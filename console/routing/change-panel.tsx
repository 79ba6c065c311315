import { useState } from 'preact/hooks';
import { toProblem } from '../api/problem.ts';
import { useResource } from '../api/resource.ts';
import type { Page } from '../api/shapes.ts';
import { DataTable } from '../parts/data-table.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { Empty } from '../parts/states.tsx';
import { useSession } from '../session.ts';
import { type Draft, openDraft } from './edit.ts';
import { Editor } from './editor.tsx';
import { blankOf, type Item, KINDS, type Kind } from './kind.ts';

const MOST = 50;
const COLUMNS = 6;

/** What decides where calls go, and its editor. */
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
  const open = (item: Item) =>
    openDraft(api, kind, item).then(setDraft, (error: unknown) => setFailure(toProblem(error).message));
  const saved = () => {
    setDraft(undefined);
    resource.reload();
    onSaved();
  };
  return (
    <section aria-label="Change">
      <h2>Change what decides</h2>
      <div class="choices">
        <label>
          Kind{' '}
          <select
            aria-label="Kind"
            value={path}
            onChange={(event) => {
              setPath(event.currentTarget.value as Kind['path']);
              setDraft(undefined);
            }}
          >
            {KINDS.map((one) => (
              <option key={one.path} value={one.path}>
                {one.many}
              </option>
            ))}
          </select>
        </label>
        <label>
          Find{' '}
          <input
            maxLength={100}
            value={text}
            onChange={(event) => setText(event.currentTarget.value.trim())}
          />
        </label>
        <button type="button" onClick={() => setDraft({ kind, before: blankOf(kind), etag: undefined })}>
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
          {({ items }) => <Choice kind={kind} items={items} onOpen={open} />}
        </ResourceView>
      ) : (
        <Editor
          key={`${path} ${draft.etag ?? 'new'}`}
          draft={draft}
          question={question}
          onClose={() => setDraft(undefined)}
          onSaved={saved}
        />
      )}
    </section>
  );
}

function Choice({ kind, items, onOpen }: { kind: Kind; items: Item[]; onOpen: (item: Item) => void }) {
  if (items.length === 0) return <Empty title={`No ${kind.many.toLowerCase()} here`} />;
  const nameOf = (item: Item) => kind.key.map((name) => String(item[name])).join(', ');
  return (
    <DataTable
      label={kind.many}
      rows={items}
      keyOf={nameOf}
      columns={[
        ...kind.fields.slice(0, COLUMNS).map(({ name }) => ({
          name: name.replaceAll('_', ' '),
          isText: true,
          show: (item: Item) => textOf(item[name]),
        })),
        {
          name: 'Orders',
          show: (item: Item) => (
            <button
              type="button"
              aria-label={`Change ${kind.one} ${nameOf(item)}`}
              onClick={() => onOpen(item)}
            >
              Change
            </button>
          ),
        },
      ]}
    />
  );
}

function textOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}
