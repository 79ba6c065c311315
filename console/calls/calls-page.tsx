import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CallPage } from '../api/contract.ts';
import { useResource } from '../api/resource.ts';
import { goTo, usePlace } from '../location.ts';
import { ResourceView } from '../parts/resource-view.tsx';
import { useSession } from '../session.ts';
import { useZone } from '../time/zone-choice.tsx';
import { CallResults } from './call-results.tsx';
import { FacetList } from './facet-list.tsx';
import { readQuery } from './query.ts';
import { SearchForm } from './search-form.tsx';
import { momentsOf, readSpan } from './span.ts';

const PAGE_SIZE = 50;

/** Searches calls. The address holds the whole search: it can be kept, sent, and gone back to. */
export function CallsPage() {
  const { api } = useSession();
  const zone = useZone();
  const { query: address } = usePlace();
  const [askedAt, setAskedAt] = useState(Date.now);
  const text = address.get('q') ?? '';
  const search = useMemo(() => readQuery(text), [text]);
  const span = readSpan(address);
  const moments = momentsOf(span, askedAt * 1_000);
  const params = new URLSearchParams([...search.params, ...Object.entries(moments)]);
  params.set('limit', String(PAGE_SIZE));
  const resource = useResource(params.toString(), (signal) =>
    api.ask<CallPage>(`/v1/calls?${params}`, { signal }),
  );
  useLeadToLeg(search.params, resource.data);
  const exported = new URLSearchParams(params);
  exported.delete('limit');
  exported.set('tz', zone);
  const facetQuery = new URLSearchParams(params);
  facetQuery.delete('limit');
  const narrow = (words: string) => {
    const next = new URLSearchParams(address);
    if (words === '') next.delete('q');
    else next.set('q', words);
    ask(next);
  };
  const ask = (query: URLSearchParams) => {
    setAskedAt(Date.now());
    goTo(`/calls${query.size === 0 ? '' : `?${query}`}`);
  };
  const permanent = new URLSearchParams({ ...(text === '' ? {} : { q: text }), ...moments });
  return (
    <>
      <header class="page-head">
        <h1>Calls</h1>
      </header>
      <SearchForm
        key={address.toString()}
        address={address}
        unread={search.unread}
        exportQuery={exported.toString()}
        permanentQuery={permanent.toString()}
        onAsk={ask}
        isAsking={resource.isLoading}
        onCancel={resource.cancel}
      />
      {/* a search that took all of its time is not made twice */}
      {resource.data?.complete === true && !resource.isCancelled && (
        <FacetList query={facetQuery} text={text} onSearch={narrow} />
      )}
      {resource.isCancelled ? (
        <p class="state">
          The search was cancelled: nothing is known of what it would have found.
          <button type="button" onClick={resource.reload}>
            Search again
          </button>
        </p>
      ) : (
        <ResourceView resource={resource} what="Searching">
          {(first) => (
            <CallResults
              key={`${params} ${resource.loadedAt}`}
              first={first}
              query={params}
              isFiltered={isFiltered(params)}
            />
          )}
        </ResourceView>
      )}
    </>
  );
}

/** Who pasted one uuid or Call-ID wants the call of it. */
function useLeadToLeg(params: URLSearchParams, page: CallPage | undefined): void {
  const isExact = params.size === 1 && (params.has('leg') || params.has('sip_call_id'));
  const only = page?.items.length === 1 ? page.items[0]?.id : undefined;
  useEffect(() => {
    if (isExact && only !== undefined) goTo(`/calls/${only}`, { replace: true });
  }, [isExact, only]);
}

function isFiltered(params: URLSearchParams): boolean {
  return [...params.keys()].some((name) => name !== 'limit');
}
