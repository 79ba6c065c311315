import { Tabs } from '../parts/tabs.tsx';
import { mayDo, useSession } from '../session.ts';
import { Changes } from './changes.tsx';
import { Health } from './health.tsx';
import { Rejects } from './rejects.tsx';
import { SupportBundle } from './support-bundle.tsx';
import { Tokens } from './tokens.tsx';

/** How switchfleet itself is doing, what it could not take, and who changed what. */
export function SystemPage() {
  const { access } = useSession();
  const isAdmin = mayDo(access, 'admin', 'fleet');
  return (
    <>
      <header class="page-head">
        <h1>System</h1>
      </header>
      <Tabs
        label="Parts of the system"
        tabs={[
          { name: 'Health', render: () => <Health /> },
          { name: 'Rejected CDRs', render: () => <Rejects /> },
          ...(isAdmin
            ? [
                { name: 'Changes', render: () => <Changes /> },
                { name: 'Tokens', render: () => <Tokens /> },
              ]
            : []),
          { name: 'Support bundle', render: () => <SupportBundle /> },
        ]}
      />
    </>
  );
}
