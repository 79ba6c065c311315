import { useState } from 'preact/hooks';
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
      {link.is === 'connecting' && board.calls.size === 0 ? (
        <Loading what="Waiting for the first snapshot" />
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
            <p class="count" aria-live="polite">
              {text === '' ? '' : `${found.length} of `}
              {board.calls.size} up{board.isComplete ? '' : ', and more than can be shown'}
            </p>
          </div>
          {found.length === 0 ? <Nothing isFiltered={board.calls.size > 0} /> : <LiveTable calls={found} />}
        </>
      )}
    </>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  return (
    <Empty title={isFiltered ? 'No call that is up is like that' : 'No call is up'}>
      <p>This page moves by itself.</p>
    </Empty>
  );
}
