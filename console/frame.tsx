import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { toProblem } from './api/problem.ts';
import { ShortcutHelp, useShortcuts } from './keyboard.tsx';
import { BASE, usePlace } from './location.ts';
import { findPage, PAGES } from './pages.tsx';
import { Empty } from './parts/states.tsx';
import { useSession } from './session.ts';
import { ZoneSwitch } from './time/zone-choice.tsx';

/** What is around every page: where one can go, the zone, who is signed in. */
export function Frame() {
  const { access } = useSession();
  const { path } = usePlace();
  const [isHelpShown, showHelp] = useState(false);
  useShortcuts(() => showHelp(true));
  const pages = PAGES.filter(({ isFor }) => isFor(access));
  const page = findPage(pages, path);

  useEffect(() => {
    if (page?.name !== undefined) document.title = `${page.name} – switchfleet`;
  }, [page?.name]);

  return (
    <>
      <a class="skip" href="#content">
        Skip to content
      </a>
      <header class="frame">
        <a class="brand" href={`${BASE}/`}>
          switchfleet
        </a>
        <nav aria-label="Pages">
          {pages.map(({ name, path: target }) => (
            <a key={target} href={BASE + target} aria-current={page?.path === target ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <div class="frame-end">
          <ZoneSwitch />
          <Account onHelp={() => showHelp(true)} />
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {page === undefined ? <NoPage /> : page.render(path)}
      </main>
      {isHelpShown && <ShortcutHelp onClose={() => showHelp(false)} />}
    </>
  );
}

function NoPage(): ComponentChildren {
  return (
    <>
      <h1 class="unseen">switchfleet</h1>
      <Empty title="There is no such page">
        <p>It may be one that your role does not reach.</p>
      </Empty>
    </>
  );
}

function Account({ onHelp }: { onHelp: () => void }) {
  const { api, access, leave } = useSession();
  const [failure, setFailure] = useState('');
  const signOut = () =>
    api.signOut().then(leave, (error: unknown) => {
      const problem = toProblem(error);
      if (problem.status === 401) leave();
      else setFailure(problem.message);
    });
  return (
    <details class="account">
      <summary>{access.name}</summary>
      <div class="account-menu">
        <p>
          {access.role}, {access.tenant === null ? 'whole fleet' : `tenant ${access.tenant}`}
        </p>
        <button type="button" onClick={onHelp}>
          Keyboard shortcuts
        </button>
        <a href="/docs">The api</a>
        <button type="button" onClick={signOut}>
          Sign out
        </button>
        {failure !== '' && <p role="alert">{failure}</p>}
      </div>
    </details>
  );
}
