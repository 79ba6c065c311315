import { useEffect, useState } from 'preact/hooks';
import type { CallPage } from '../api/contract.ts';
import { type Problem, toProblem } from '../api/problem.ts';
import { Empty, Failure } from '../parts/states.tsx';
import { useSession } from '../session.ts';
import { Moment } from '../time/moment.tsx';
import { CallTable } from './call-table.tsx';

interface CallResultsProps {
  first: CallPage;
  /** what was asked, to go on with */
  query: URLSearchParams;
  isFiltered: boolean;
}

/** What a search found, page by page. One that ran out of time never looks like one that found nothing. */
export function CallResults({ first, query, isFiltered }: CallResultsProps) {
  const { api } = useSession();
  const [pages, setPages] = useState([first]);
  const [problem, setProblem] = useState<Problem>();
  const [going, setGoing] = useState<AbortController>();
  const last = pages.at(-1) ?? first;
  const calls = pages.flatMap(({ items }) => items);
  const goOn = async () => {
    const controller = new AbortController();
    const { signal } = controller;
    setGoing(controller);
    setProblem(undefined);
    const next = new URLSearchParams(query);
    next.set('cursor', last.next_cursor ?? '');
    try {
      const page = await api.ask<CallPage>(`/v1/calls?${next}`, { signal });
      setPages([...pages, page]);
    } catch (error) {
      if (!signal.aborted) setProblem(toProblem(error));
    }
    setGoing(undefined);
  };
  useEffect(() => () => going?.abort(), [going]);

  return (
    <>
      <p class="count" role="status">
        {calls.length} {calls.length === 1 ? 'call' : 'calls'}
        {last.next_cursor === null ? '' : ', and older ones'}
      </p>
      {calls.length === 0 && last.complete && <Nothing isFiltered={isFiltered} />}
      {calls.length > 0 && <CallTable calls={calls} />}
      {!last.complete && <Stopped searchedTo={last.searched_to} />}
      {problem !== undefined && <Failure problem={problem} />}
      {last.next_cursor !== null && (
        <p class="choices">
          <button type="button" onClick={goOn} disabled={going !== undefined}>
            {going !== undefined ? 'Searching…' : last.complete ? 'Older calls' : 'Search on'}
          </button>
          {going !== undefined && (
            <button type="button" onClick={() => going.abort()}>
              Stop
            </button>
          )}
        </p>
      )}
    </>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <Empty title="No call is like that">
        <p>Everything that was asked for was searched. A longer time or fewer words find more.</p>
      </Empty>
    );
  }
  return (
    <Empty title="No calls yet">
      <p>Calls appear here as soon as a node tells of them, or posts a CDR.</p>
    </Empty>
  );
}

function Stopped({ searchedTo }: { searchedTo: string | null }) {
  const ms = searchedTo === null ? Number.NaN : Date.parse(searchedTo);
  return (
    <p class="old-numbers" role="status">
      <strong>The search ran out of time.</strong> It is complete{' '}
      {Number.isNaN(ms) ? (
        'nowhere yet'
      ) : (
        <>
          from <Moment us={ms * 1_000} /> on
        </>
      )}
      ; older calls were not looked at. Search on to continue where it stopped.
    </p>
  );
}
