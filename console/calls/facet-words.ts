import type { CallFacets } from '../api/contract.ts';

type Facet = CallFacets['counts'][number]['facet'];

/** How a facet is called, and which word of the search box stands for one of its values. */
export const FACETS: readonly { facet: Facet; label: string; word: (value: string) => string }[] = [
  { facet: 'disposition', label: 'Outcome', word: (value) => value },
  { facet: 'direction', label: 'Direction', word: (value) => value },
  { facet: 'node', label: 'Server', word: (value) => pair('node', value) },
  { facet: 'trunk', label: 'Trunk', word: (value) => pair('trunk', value) },
  { facet: 'tenant', label: 'Tenant', word: (value) => pair('tenant', value) },
  { facet: 'domain', label: 'Domain', word: (value) => pair('domain', value) },
  { facet: 'answered_by', label: 'Answered by', word: (value) => pair('answered-by', value) },
  { facet: 'hangup_cause', label: 'Hangup cause', word: (value) => pair('cause', value) },
];

/** A value with a space is one word between quotation marks. */
function pair(key: string, value: string): string {
  return /[\s,;"]/.test(value) ? `${key}:"${value.replaceAll('"', '')}"` : `${key}:${value}`;
}

const WORD = /(?:[^\s,;"]*"[^"]*"|[^\s,;"])+/g;

/** Whether a search has a word. */
export function hasWord(text: string, word: string): boolean {
  return (text.match(WORD) ?? []).some((each) => each.toLowerCase() === word.toLowerCase());
}

/** The search with the word, or without it when it had it. */
export function toggleWord(text: string, word: string): string {
  const words = text.match(WORD) ?? [];
  const without = words.filter((each) => each.toLowerCase() !== word.toLowerCase());
  return (without.length < words.length ? without : [...words, word]).join(' ');
}
