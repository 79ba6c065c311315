/** A search that somebody wants again, kept by this browser. */
export interface SavedSearch {
  name: string;
  /** what stands behind the ? of the address */
  query: string;
}

const KEPT = 'switchfleet.searches';
const MOST = 50;

/** The saved searches, by name. What is kept and is no list of searches counts as none. */
export function readSaved(): SavedSearch[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isSaved) : [];
  } catch {
    return [];
  }
}

/** Keeps a search under a name; another one of this name is replaced. */
export function save(search: SavedSearch): SavedSearch[] {
  return keep([search, ...readSaved().filter(({ name }) => name !== search.name)].slice(0, MOST));
}

/** Forgets a search. */
export function forget(forgotten: string): SavedSearch[] {
  return keep(readSaved().filter(({ name }) => name !== forgotten));
}

function keep(searches: SavedSearch[]): SavedSearch[] {
  const sorted = searches.toSorted((a, b) => a.name.localeCompare(b.name));
  localStorage.setItem(KEPT, JSON.stringify(sorted));
  return sorted;
}

function isSaved(value: unknown): value is SavedSearch {
  const { name, query } = (value ?? {}) as Record<string, unknown>;
  return typeof name === 'string' && typeof query === 'string';
}
