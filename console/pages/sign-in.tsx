import { useEffect, useState } from 'preact/hooks';
import type { Api } from '../api/client.ts';
import type { Access } from '../api/contract.ts';
import { type Problem, toProblem } from '../api/problem.ts';
import { BASE, goTo } from '../location.ts';

interface SignInProps {
  api: Api;
  /** a session was here and is over */
  wasThere: boolean;
  onSignedIn: (access: Access) => void;
}

/** Signs in by a token, or by the secret in the address (`#…`) that `npm start` printed. */
export function SignInPage({ api, wasThere, onSignedIn }: SignInProps) {
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setIsBusy] = useState(false);
  const signIn = async (by: { token: string } | { link: string }) => {
    setIsBusy(true);
    setProblem(undefined);
    try {
      const access = await api.signIn(by);
      if (location.pathname === `${BASE}/sign-in`) goTo('/', { replace: true });
      onSignedIn(access);
    } catch (error) {
      setProblem(toProblem(error));
      setIsBusy(false);
    }
  };

  useEffect(() => {
    document.title = 'Sign in – switchfleet';
    const link = location.hash.slice(1);
    if (link === '') return;
    // the secret leaves the address bar and the history before anything else happens
    history.replaceState(null, '', location.pathname + location.search);
    void signIn({ link });
  }, []);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const token = new FormData(event.currentTarget as HTMLFormElement).get('token');
    if (typeof token === 'string' && token.trim() !== '') void signIn({ token: token.trim() });
  };

  return (
    <main class="sign-in" id="content">
      <h1>switchfleet</h1>
      {wasThere && <p role="status">The session is over: sign in to go on where you were.</p>}
      <form onSubmit={submit}>
        <label for="token">Token</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required />
        <button type="submit" class="primary" disabled={isBusy}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      {problem !== undefined && (
        <p class="failure-line" role="alert">
          {saidOf(problem)}
        </p>
      )}
      <p class="quiet">
        <code>switchfleet token create</code> makes a token; <code>npm start</code> prints a link that signs
        in once.
      </p>
    </main>
  );
}

function saidOf({ code, message }: Problem): string {
  if (code === 'link-spent')
    return 'This link was used already, or is older than an hour. Sign in by a token.';
  if (code === 'not-authorised') return 'This token is wrong, was revoked, or its time is over.';
  return message;
}
