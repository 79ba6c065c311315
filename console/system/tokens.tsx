import { useState } from 'preact/hooks';
import type { TokenPage } from '../api/contract.ts';
import { useResource } from '../api/resource.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Mark } from '../parts/mark.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { Empty } from '../parts/states.tsx';
import { useSession } from '../session.ts';
import { at } from '../time/instant.ts';
import { Moment } from '../time/moment.tsx';
import { EndToken } from './end-token.tsx';
import { NewToken } from './new-token.tsx';

type Token = TokenPage['items'][number];
type Asked = { is: 'new' } | { is: 'end'; name: string };

/** Who may ask the api: tokens are made here, and end here. */
export function Tokens() {
  const { api } = useSession();
  const [asked, setAsked] = useState<Asked>();
  const resource = useResource('tokens', (signal) => api.ask<TokenPage>('/v1/tokens?limit=500', { signal }));
  const close = () => {
    setAsked(undefined);
    resource.reload();
  };
  return (
    <>
      <p class="choices">
        <button type="button" onClick={() => setAsked({ is: 'new' })}>
          New token
        </button>
      </p>
      <ResourceView resource={resource}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No tokens yet">
              <p>Only API_TOKEN, which is configured, is known.</p>
            </Empty>
          ) : (
            <DataTable
              label="Tokens"
              rows={items}
              keyOf={({ name }) => name}
              columns={[...TOKENS, endColumn((name) => setAsked({ is: 'end', name }))]}
            />
          )
        }
      </ResourceView>
      {asked?.is === 'new' && <NewToken onClose={close} />}
      {asked?.is === 'end' && <EndToken name={asked.name} onClose={close} />}
    </>
  );
}

const TOKENS: readonly Column<Token>[] = [
  { name: 'Name', isText: true, show: ({ name }) => name },
  { name: 'Role', show: ({ role }) => role },
  { name: 'Tenant', show: ({ tenant }) => tenant ?? 'whole fleet' },
  { name: 'State', show: (token) => <State token={token} /> },
  { name: 'Until', show: ({ expires_at }) => momentOr(expires_at, 'it is ended') },
  { name: 'Last used', show: ({ last_used_at }) => momentOr(last_used_at, 'never') },
  { name: 'Made by', isText: true, show: ({ created_by }) => created_by },
];

function State({ token: { revoked_at, expires_at } }: { token: Token }) {
  if (revoked_at !== null) return <Mark tone="off">revoked</Mark>;
  if (expires_at !== null && at(expires_at) <= Date.now() * 1_000) return <Mark tone="off">expired</Mark>;
  return <Mark tone="good">counts</Mark>;
}

const endColumn = (onEnd: (name: string) => void): Column<Token> => ({
  name: 'Orders',
  show: ({ name }) => (
    <button type="button" aria-label={`End token ${name}`} onClick={() => onEnd(name)}>
      End
    </button>
  ),
});

function momentOr(instant: string | null, otherwise: string) {
  return instant === null ? otherwise : <Moment us={at(instant)} />;
}
