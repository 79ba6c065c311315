import type { CallFacets } from '../api/contract.ts';
import { useResource } from '../api/resource.ts';
import { useSession } from '../session.ts';
import { at } from '../time/instant.ts';
import { Moment } from '../time/moment.tsx';
import { FACETS, hasWord, toggleWord } from './facet-words.ts';

interface FacetListProps {
  /** what the api is asked, without its page */
  query: URLSearchParams;
  /** what the search box says */
  text: string;
  onSearch: (text: string) => void;
}

/** What the calls that were found have in common: each value narrows the search, or widens it again. */
export function FacetList({ query, text, onSearch }: FacetListProps) {
  const { api } = useSession();
  const resource = useResource(query.toString(), (signal) =>
    api.ask<CallFacets>(`/v1/calls/facets?${query}`, { signal }),
  );
  const { data, problem } = resource;
  if (problem !== undefined && data === undefined)
    return (
      <p class="quiet facets-note" role="status">
        They were not counted: {problem.message}.{' '}
        <button type="button" class="plain" onClick={resource.reload}>
          Try again
        </button>
      </p>
    );
  if (data === undefined || (data.counted === 0 && data.complete)) return null;
  return (
    <section class="facets" aria-label="Narrow the search">
      {FACETS.map((shown) => (
        <FacetGroup key={shown.facet} shown={shown} counts={data.counts} text={text} onSearch={onSearch} />
      ))}
      <Part facets={data} />
    </section>
  );
}

/** Counts of a part never look like counts of all. */
function Part({ facets: { complete, counted, counted_to: to } }: { facets: CallFacets }) {
  if (complete) return null;
  return (
    <p class="quiet" role="status">
      Counts are of the newest {counted} calls
      {to === null ? (
        ''
      ) : (
        <>
          : time ran out, those before <Moment us={at(to)} /> were not counted
        </>
      )}
      .
    </p>
  );
}

interface FacetGroupProps {
  shown: (typeof FACETS)[number];
  counts: CallFacets['counts'];
  text: string;
  onSearch: (text: string) => void;
}

function FacetGroup({ shown: { facet, label, word }, counts, text, onSearch }: FacetGroupProps) {
  const values = counts.filter((count) => count.facet === facet);
  const isNarrowing = values.length > 1 || values.some(({ value }) => hasWord(text, word(value)));
  // one value for all tells nothing
  if (!isNarrowing) return null;
  return (
    <fieldset class="facet">
      <legend>{label}</legend>
      {values.map(({ value, calls }) => (
        <button
          key={value}
          type="button"
          class="chip"
          aria-pressed={hasWord(text, word(value))}
          onClick={() => onSearch(toggleWord(text, word(value)))}
        >
          <span class="chip-text">{value}</span> <span class="unit">{calls}</span>
        </button>
      ))}
    </fieldset>
  );
}
