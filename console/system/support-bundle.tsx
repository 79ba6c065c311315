import { useState } from 'preact/hooks';
import type { Api } from '../api/client.ts';
import { type Problem, toProblem } from '../api/problem.ts';
import { saveFile } from '../parts/save-file.ts';
import { ProblemLines } from '../parts/states.tsx';
import { useSession } from '../session.ts';

/** What the bundle has. The api tells no secret, so the bundle has none. */
const PARTS: Readonly<Record<string, string>> = {
  system: '/v1/system',
  nodes: '/v1/nodes?limit=500',
  discovered_nodes: '/v1/discovered-nodes',
  rejects: '/v1/cdr-rejects?open=true&limit=100',
  proxies: '/v1/proxies?limit=500',
  dispatch_sets: '/v1/dispatch-sets?limit=500',
};

/** One file with everything that somebody who helps asks for first. */
export function SupportBundle() {
  const { api } = useSession();
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const make = async () => {
    setIsBusy(true);
    setProblem(undefined);
    try {
      const made = new Date().toISOString();
      const bundle = { made, browser: navigator.userAgent, ...(await gather(api)) };
      const name = `switchfleet-support-${made.replaceAll(/[:.]/g, '-')}.json`;
      saveFile({ name, type: 'application/json', text: JSON.stringify(bundle, null, 2) });
    } catch (error) {
      setProblem(toProblem(error));
    }
    setIsBusy(false);
  };
  return (
    <section class="panel" aria-label="Support bundle">
      <p>
        A file with the state of all services, nodes, proxies and dispatch sets, and the last rejected CDRs
        without their bytes. It has addresses and names, and no secrets.{' '}
        <code>switchfleet doctor --bundle</code> makes one that also says what is wrong.
      </p>
      {problem !== undefined && <ProblemLines problem={problem} />}
      <button type="button" class="primary" disabled={isBusy} onClick={make}>
        {isBusy ? 'Gathering…' : 'Make a support bundle'}
      </button>
    </section>
  );
}

/** What cannot be had says why in its place: the rest is worth having. */
async function gather(api: Api): Promise<Record<string, unknown>> {
  const parts = Object.entries(PARTS).map(async ([name, path]) => {
    const answer = await api.ask<unknown>(path).catch((error: unknown) => {
      const { code, message } = toProblem(error);
      return { problem: code, message };
    });
    return [name, answer] as const;
  });
  return Object.fromEntries(await Promise.all(parts));
}
