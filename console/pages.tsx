import type { ComponentChildren } from 'preact';
import type { Access } from './api/contract.ts';
import { CallPage } from './call/call-page.tsx';
import { CallsPage } from './calls/calls-page.tsx';
import { FleetPage } from './fleet/fleet-page.tsx';
import { LivePage } from './live/live-page.tsx';
import { ProvisioningPage } from './provisioning/provisioning-page.tsx';
import { ReportsPage } from './reports/reports-page.tsx';
import { RoutingPage } from './routing/routing-page.tsx';
import { mayDo } from './session.ts';
import { SystemPage } from './system/system-page.tsx';

/** A page of the console. */
export interface Page {
  name: string;
  /** without the base; pages below it are its own */
  path: string;
  isFor: (access: Access) => boolean;
  render: (path: string) => ComponentChildren;
}

/** All pages, in the order of the navigation. What somebody may not see is not shown to them, and refused by the api all the same. */
export const PAGES: readonly Page[] = [
  {
    name: 'Fleet',
    path: '/',
    isFor: (access) => mayDo(access, 'analyst', 'fleet'),
    render: () => <FleetPage />,
  },
  { name: 'Live calls', path: '/live', isFor: () => true, render: () => <LivePage /> },
  {
    name: 'Calls',
    path: '/calls',
    isFor: () => true,
    render: (path) => {
      const id = path.slice('/calls/'.length);
      return id === '' ? <CallsPage /> : <CallPage id={decoded(id)} />;
    },
  },
  { name: 'Reports', path: '/reports', isFor: () => true, render: () => <ReportsPage /> },
  {
    name: 'Routing',
    path: '/routing',
    isFor: (access) => mayDo(access, 'operator', 'fleet'),
    render: () => <RoutingPage />,
  },
  {
    name: 'Provisioning',
    path: '/provisioning',
    isFor: (access) => mayDo(access, 'operator'),
    render: () => <ProvisioningPage />,
  },
  {
    name: 'System',
    path: '/system',
    isFor: (access) => mayDo(access, 'operator', 'fleet'),
    render: () => <SystemPage />,
  },
];

/** A part of a path as text. A link may be cut off within a letter: it names nothing then, and breaks no page. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The page of a path: the first that somebody may see, where they may not see the home page. */
export function findPage(pages: readonly Page[], path: string): Page | undefined {
  const found = pages.find(
    (page) => path === page.path || (page.path !== '/' && path.startsWith(`${page.path}/`)),
  );
  return found ?? (path === '/' ? pages[0] : undefined);
}
