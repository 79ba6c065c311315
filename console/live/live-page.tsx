import { useState } from 'preact/hooks';
import { Announced } from '../parts/announced.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { LinkNotice } from './link-notice.tsx';
import { findLive } from './live-board.ts';
import { useLive } from './live-feed.ts';
import { LiveTable } from './live-table.tsx';

/** The calls that are up, as they come and go. */
export function LivePage() {
  const { board, link } = useLive();
  const [text, setText] = useState('');
  const found = findLive(board.calls.values(), text);
  return (
    <>
      <header class="page-head">
        <h1>Live calls</h1>
      </header>
      <LinkNotice link={link} />
      {!board.isKnown ? (
        <Unknown isLost={link.is === 'lost'} />
      ) : (
        <>
          <div class="search-line live-filter">
            <label class="search-box">
              <span class="quiet">Filter by number, domain, tenant or node</span>
              <input
                data-search
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
                spellcheck={false}
              />
            </label>
            <p class="count">
              {text === '' ? '' : `${found.length} of `}
              {board.calls.size} up{board.isComplete ? '' : ', and more than can be shown'}
            </p>
          </div>
          <Announced text={`${board.calls.size} calls are up`} />
          {found.length === 0 ? <Nothing isFiltered={board.calls.size > 0} /> : <LiveTable calls={found} />}
        </>
      )}
    </>
  );
}

/** That nothing is known yet never looks as if no call were up. */
function Unknown({ isLost }: { isLost: boolean }) {
  if (!isLost) return <Loading what="Waiting for the first snapshot" />;
  return (
    <Empty title="What is up is not known">
      <p>The stream cannot be reached. It is tried again by itself.</p>
    </Empty>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  return (
    <Empty title={isFiltered ? 'No call that is up is like that' : 'No call is up'}>
      <p>This page moves by itself.</p>
    </Empty>
  );
}
