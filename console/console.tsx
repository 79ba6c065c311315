import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Api } from './api/client.ts';
import type { Access } from './api/contract.ts';
import { Frame } from './frame.tsx';
import { usePlace } from './location.ts';
import { SignInPage } from './pages/sign-in.tsx';
import { Loading } from './parts/states.tsx';
import { SessionContext } from './session.ts';
import { ZoneProvider } from './time/zone-choice.tsx';

type Who = { is: 'unknown' } | { is: 'nobody'; wasThere: boolean } | { is: 'there'; access: Access };

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
    const nobody = () => setWho({ is: 'nobody', wasThere: false });
    api.whoIsThere().then((access) => (access === undefined ? nobody() : arrive(access)), nobody);
  }, [api, arrive]);

  if (who.is === 'unknown') return <Loading what="Looking who is there" />;
  if (who.is === 'nobody' || path === '/sign-in') {
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
