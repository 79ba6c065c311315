import { useState } from 'preact/hooks';
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
  const [isGoing, setIsGoing] = useState(false);
  const last = pages.at(-1) ?? first;
  const calls = pages.flatMap(({ items }) => items);
  const goOn = async () => {
    setIsGoing(true);
    setProblem(undefined);
    const next = new URLSearchParams(query);
    next.set('cursor', last.next_cursor ?? '');
    try {
      const page = await api.ask<CallPage>(`/v1/calls?${next}`);
      setPages([...pages, page]);
    } catch (error) {
      setProblem(toProblem(error));
    }
    setIsGoing(false);
  };

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
        <button type="button" onClick={goOn} disabled={isGoing}>
          {isGoing ? 'Searching…' : last.complete ? 'Older calls' : 'Search on'}
        </button>
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
