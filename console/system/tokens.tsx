import type { TokenPage } from '../api/contract.ts';
import { useResource } from '../api/resource.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Mark } from '../parts/mark.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { useSession } from '../session.ts';
import { at } from '../time/instant.ts';
import { Moment } from '../time/moment.tsx';

/** Who may ask the api. */
export function Tokens() {
  const { api } = useSession();
  const resource = useResource('tokens', (signal) => api.ask<TokenPage>('/v1/tokens?limit=500', { signal }));
  return (
    <ResourceView resource={resource}>
      {({ items }) => (
        <>
          <DataTable label="Tokens" rows={items} keyOf={({ name }) => name} columns={TOKENS} />
          <p class="quiet">
            <code>switchfleet token create</code> and <code>token revoke</code> make and end them.
          </p>
        </>
      )}
    </ResourceView>
  );
}

const TOKENS: readonly Column<TokenPage['items'][number]>[] = [
  { name: 'Name', isText: true, show: ({ name }) => name },
  { name: 'Role', show: ({ role }) => role },
  { name: 'Tenant', show: ({ tenant }) => tenant ?? 'whole fleet' },
  {
    name: 'State',
    show: (token) => (
      <Mark tone={token.revoked_at === null ? 'good' : 'off'}>
        {token.revoked_at === null ? 'counts' : 'revoked'}
      </Mark>
    ),
  },
  { name: 'Until', show: ({ expires_at }) => momentOr(expires_at, 'it is revoked') },
  { name: 'Last used', show: ({ last_used_at }) => momentOr(last_used_at, 'never') },
  { name: 'Made by', isText: true, show: ({ created_by }) => created_by },
];

function momentOr(instant: string | null, otherwise: string) {
  return instant === null ? otherwise : <Moment us={at(instant)} />;
}
