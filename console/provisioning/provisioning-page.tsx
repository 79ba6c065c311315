import { useState } from 'preact/hooks';
import { useResource } from '../api/resource.ts';
import type { Page } from '../api/shapes.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { Empty } from '../parts/states.tsx';
import { mayDo, useSession } from '../session.ts';
import { CsvImport } from './csv-import.tsx';

type Item = Readonly<Record<string, unknown>>;

const MOST = 200;

interface Kind {
  label: string;
  fields: readonly string[];
  hasCsv: boolean;
  /** whose files are taken: of who may change the whole fleet's, or their own */
  importPart?: 'own' | 'fleet';
}

/** What people configure: which kinds, and which of their fields a list shows. */
const KINDS: Readonly<Record<string, Kind>> = {
  tenants: { label: 'Tenants', fields: ['name', 'description'], hasCsv: false },
  domains: { label: 'Domains', fields: ['name', 'tenant', 'enabled', 'context', 'country'], hasCsv: false },
  users: {
    label: 'Users',
    fields: [
      'user_id',
      'domain',
      'enabled',
      'caller_id_name',
      'caller_id_number',
      'outbound_caller_id_number',
    ],
    hasCsv: true,
  },
  groups: { label: 'Groups', fields: ['name', 'domain', 'members'], hasCsv: false },
  dids: {
    label: 'DIDs',
    fields: ['did', 'priority', 'domain', 'dest_type', 'destination', 'active', 'description'],
    hasCsv: true,
  },
  trunks: {
    label: 'Trunks',
    fields: ['name', 'tenant', 'host', 'port', 'transport', 'max_channels', 'max_cps', 'enabled'],
    hasCsv: true,
    // tenants only see theirs
    importPart: 'fleet',
  },
  'trunk-routes': {
    label: 'Trunk routes',
    fields: ['prefix', 'domain', 'trunk', 'priority', 'weight', 'cost_per_minute', 'active'],
    hasCsv: true,
  },
};

/** Who may register and be called, and where calls go: looked at one kind at a time, changed by files. */
export function ProvisioningPage() {
  const { api, access } = useSession();
  const [kind, setKind] = useState('users');
  const [text, setText] = useState('');
  const query = new URLSearchParams({ limit: String(MOST), ...(text === '' ? {} : { q: text }) });
  const resource = useResource(`${kind} ${query}`, (signal) =>
    api.ask<Page<Item>>(`/v1/${kind}?${query}`, { signal }),
  );
  const { label = '', fields = [], hasCsv = false, importPart = 'own' } = KINDS[kind] ?? {};
  const search = (event: Event) => {
    event.preventDefault();
    setText(String(new FormData(event.currentTarget as HTMLFormElement).get('q') ?? '').trim());
  };
  return (
    <>
      <header class="page-head">
        <h1>Provisioning</h1>
      </header>
      <div class="choices">
        <label>
          Kind{' '}
          <select aria-label="Kind" value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
            {Object.entries(KINDS).map(([name, { label: shown }]) => (
              <option key={name} value={name}>
                {shown}
              </option>
            ))}
          </select>
        </label>
        <form onSubmit={search}>
          <label>
            Find <input name="q" data-search defaultValue={text} maxLength={100} />
          </label>
        </form>
        {hasCsv && (
          <a href={`/v1/${kind}.csv`} download={`${kind}.csv`}>
            All as CSV
          </a>
        )}
      </div>
      <ResourceView resource={resource}>
        {({ items, next_cursor }) =>
          items.length === 0 ? (
            <Empty title={`No ${label.toLowerCase()}${text === '' ? ' yet' : ' like that'}`} />
          ) : (
            <>
              <DataTable
                label={label}
                rows={items}
                keyOf={(item) => JSON.stringify(fields.map((field) => item[field]))}
                columns={columnsOf(items, fields)}
              />
              {next_cursor !== null && (
                <p class="quiet">The first {MOST}: find by a part of the name for others.</p>
              )}
            </>
          )
        }
      </ResourceView>
      {hasCsv && mayDo(access, 'operator', importPart) && (
        <CsvImport key={kind} kind={kind} label={label} onStored={resource.reload} />
      )}
    </>
  );
}

/** The fields that the api gives of this kind, in our order. */
function columnsOf(items: readonly Item[], fields: readonly string[]): Column<Item>[] {
  return fields
    .filter((field) => items.some((item) => field in item))
    .map((field) => ({ name: field.replaceAll('_', ' '), isText: true, show: (item) => shown(item[field]) }));
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(shown).join(', ');
  // of a part of something its name says enough
  if (typeof value === 'object') return shown(Object.values(value)[0]);
  return String(value);
}
