/** By what the calls of a search are told apart. */
export const FACETS = [
  'disposition',
  'direction',
  'node',
  'trunk',
  'tenant',
  'domain',
  'hangup_cause',
  'answered_by',
] as const;
export type Facet = (typeof FACETS)[number];

/** What is read of a call. */
export type FacetRow = Record<Exclude<Facet, 'node'>, string | null> & { nodes: readonly string[] };

/** How many calls have a value; a call that was on two nodes counts with both. */
export interface FacetCount {
  facet: Facet;
  value: string;
  calls: number;
}

/** Values of one facet that are told. */
const MOST_VALUES = 12;

/** How many of some calls have which values: by facet, the most frequent values first. */
export function tallyFacets(rows: readonly FacetRow[]): FacetCount[] {
  return FACETS.flatMap((facet) => {
    const counts = new Map<string, number>();
    for (const row of rows)
      for (const value of valuesOf(row, facet)) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts]
      .map(([value, calls]) => ({ facet, value, calls }))
      .sort((a, b) => b.calls - a.calls || (a.value < b.value ? -1 : 1))
      .slice(0, MOST_VALUES);
  });
}

function valuesOf(row: FacetRow, facet: Facet): Iterable<string> {
  if (facet === 'node') return new Set(row.nodes);
  const value = row[facet];
  return value === null ? [] : [value];
}
