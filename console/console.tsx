import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Api } from './api/client.ts';
import type { Access } from './api/contract.ts';
import { type Problem, toProblem } from './api/problem.ts';
import { usePolling } from './api/resource.ts';
import { Frame } from './frame.tsx';
import { usePlace } from './location.ts';
import { SignInPage } from './pages/sign-in.tsx';
import { Failure, Loading } from './parts/states.tsx';
import { SessionContext } from './session.ts';
import { ZoneProvider } from './time/zone-choice.tsx';

type Who =
  | { is: 'unknown' }
  | { is: 'nobody'; wasThere: boolean }
  | { is: 'there'; access: Access }
  /** nobody can say who is there: that is no reason to sign in */
  | { is: 'unreachable'; problem: Problem };

const UNREACHABLE_MS = 5_000;
const doNothing = () => undefined;

/** The console: the sign-in page until somebody is signed in, and again when their session is over. */
export function Console({ api }: { api: Api }) {
  const [who, setWho] = useState<Who>({ is: 'unknown' });
  const { path } = usePlace();
  const arrive = useCallback((access: Access) => setWho({ is: 'there', access }), []);
  const leave = useCallback(() => setWho({ is: 'nobody', wasThere: false }), []);

  useEffect(() => {
    // several answers may say so at once: the first counts
    api.onSignedOut = () =>
      setWho((before) =>
        before.is === 'nobody' ? before : { is: 'nobody', wasThere: before.is === 'there' },
      );
  }, [api]);
  const look = useCallback(() => {
    api.whoIsThere().then(
      (access) => (access === undefined ? leave() : arrive(access)),
      (error: unknown) => {
        const problem = toProblem(error);
        if (problem.status === 401) leave();
        else setWho({ is: 'unreachable', problem });
      },
    );
  }, [api, arrive, leave]);
  useEffect(look, [look]);
  usePolling(who.is === 'unreachable' ? look : doNothing, UNREACHABLE_MS);

  if (who.is === 'unknown') return <Loading what="Looking who is there" />;
  if (who.is === 'unreachable' && path !== '/sign-in')
    return (
      <main id="content">
        <h1 class="unseen">switchfleet</h1>
        <Failure problem={who.problem} onRetry={look} />
      </main>
    );
  if (who.is !== 'there' || path === '/sign-in') {
    const wasThere = who.is === 'nobody' && who.wasThere;
    return <SignInPage api={api} wasThere={wasThere} onSignedIn={arrive} />;
  }
  return (
    <SessionContext.Provider value={{ api, access: who.access, leave }}>
      <ZoneProvider tenantZones={who.access.time_zones}>
        <Frame />
      </ZoneProvider>
    </SessionContext.Provider>
  );
}
