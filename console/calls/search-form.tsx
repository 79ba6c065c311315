import { useEffect, useRef, useState } from 'preact/hooks';
import { BASE } from '../location.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { toInstant } from '../time/instant.ts';
import { formatMoment, parseMoment } from '../time/zone.ts';
import { useZone } from '../time/zone-choice.tsx';
import { SEARCH_EXAMPLES } from './query.ts';
import { SavedSearches } from './saved-list.tsx';
import { LAST, readSpan } from './span.ts';

interface SearchFormProps {
  /** what the address says now */
  address: URLSearchParams;
  unread: readonly string[];
  exportQuery: string;
  permanentQuery: string;
  onAsk: (query: URLSearchParams) => void;
  isAsking: boolean;
  onCancel: () => void;
}

/** One box for every clue, and from when to when. */
export function SearchForm(props: SearchFormProps) {
  const { address, unread, onAsk, isAsking, onCancel } = props;
  const zone = useZone();
  const [problem, setProblem] = useState('');
  const box = useRef<HTMLInputElement>(null);
  const span = readSpan(address);
  const chosen = 'last' in span ? span.last : 'between';
  const [when, setWhen] = useState(chosen);
  const shown = (us: number | undefined) => (us === undefined ? '' : formatMoment(us, zone));

  useEffect(() => {
    if (address.get('focus') === 'search') box.current?.focus();
  }, [address]);

  const submit = (event: Event) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const query = readForm(data, zone);
    setProblem(typeof query === 'string' ? query : '');
    if (typeof query !== 'string') onAsk(query);
  };

  return (
    <search>
      <form class="search" onSubmit={submit}>
        <div class="search-line">
          <label class="search-box">
            <span class="quiet">Number, user@domain, Call-ID, uuid, or words such as failed</span>
            <input
              ref={box}
              name="q"
              data-search
              autocomplete="off"
              spellcheck={false}
              maxLength={1_000}
              defaultValue={address.get('q') ?? ''}
            />
          </label>
          <label>
            <span class="quiet">When</span>
            <select
              aria-label="When"
              name="when"
              value={when}
              onChange={(event) => setWhen(event.currentTarget.value)}
            >
              {Object.entries(LAST).map(([name, { label }]) => (
                <option key={name} value={name}>
                  {label}
                </option>
              ))}
              <option value="between">Between…</option>
            </select>
          </label>
          {when === 'between' && (
            <>
              <label>
                <span class="quiet">From ({zone})</span>
                <input
                  name="from"
                  placeholder="2026-11-20 20:50"
                  defaultValue={'last' in span ? '' : shown(span.fromUs)}
                />
              </label>
              <label>
                <span class="quiet">To ({zone})</span>
                <input name="to" placeholder="now" defaultValue={'last' in span ? '' : shown(span.toUs)} />
              </label>
            </>
          )}
          {isAsking && (
            <button type="button" onClick={onCancel}>
              Cancel
            </button>
          )}
          {/* there all the time: without it Enter would do nothing while an answer is awaited */}
          <button type="submit" class="primary" hidden={isAsking}>
            Search
          </button>
        </div>
        {problem !== '' && (
          <p class="failure-line" role="alert">
            {problem}
          </p>
        )}
        {unread.length > 0 && (
          <p class="note" role="status">
            Not understood, and left out: {unread.join(' ')}
          </p>
        )}
        <SearchTools {...props} />
      </form>
    </search>
  );
}

/** The search that a form says, or what is wrong with it. */
function readForm(data: FormData, zone: string): URLSearchParams | string {
  const textOf = (name: string) => String(data.get(name) ?? '').trim();
  const query = new URLSearchParams();
  if (textOf('q') !== '') query.set('q', textOf('q'));
  const when = textOf('when');
  if (when !== 'between') {
    if (when !== 'all') query.set('last', when);
    return query;
  }
  for (const name of ['from', 'to']) {
    const us = parseMoment(textOf(name), zone);
    if (us === undefined && textOf(name) !== '')
      return `“${textOf(name)}” is no moment: write 2026-11-20 20:50`;
    if (us !== undefined) query.set(name, toInstant(us));
  }
  return query;
}

function SearchTools({ address, exportQuery, permanentQuery }: SearchFormProps) {
  const permanent = `${location.origin}${BASE}/calls?${permanentQuery}`;
  return (
    <div class="search-tools">
      <details>
        <summary>What can be searched</summary>
        <dl class="examples">
          {SEARCH_EXAMPLES.map(([example, meaning]) => (
            <div key={example}>
              <dt>
                <code>{example}</code>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </details>
      <SavedSearches query={address.toString()} />
      <span>
        Whole result as{' '}
        <a href={`/v1/calls/export?format=csv&${exportQuery}`} download="calls.csv">
          CSV
        </a>{' '}
        or{' '}
        <a href={`/v1/calls/export?format=ndjson&${exportQuery}`} download="calls.ndjson">
          NDJSON
        </a>
      </span>
      <span>
        Link with these times <CopyButton text={permanent} what="a link to this search" />
      </span>
    </div>
  );
}
