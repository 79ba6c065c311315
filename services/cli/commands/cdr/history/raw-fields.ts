const BETWEEN = '","';

/**
 * The fields of a text as mod_cdr_csv writes them: each value as it came, between quotes, no quote of it doubled. Undefined
 * where it is not so many (`count`), or where quotes and commas of a value make it more than one reading.
 */
export function rawFields(text: string, count: number): string[] | undefined {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return undefined;
  return separatorsIn(text) === count - 1 ? text.slice(1, -1).split(BETWEEN) : undefined;
}

/** How often a field may end and the next one begin here; two that share a quote are two. */
export function separatorsIn(text: string): number {
  const inner = text.slice(1, -1);
  let found = 0;
  for (let at = inner.indexOf(BETWEEN); at !== -1; at = inner.indexOf(BETWEEN, at + 1)) found += 1;
  return found;
}
