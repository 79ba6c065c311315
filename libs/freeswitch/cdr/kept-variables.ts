import { isKnownVariable } from './known-variables.ts';

/** The word of the list that stands for every variable that FreeSWITCH does not set by itself, headers aside. */
export const CUSTOM = '@custom';

export const DEFAULT_KEPT_VARIABLES: readonly string[] = ['sip_h_X-*', CUSTOM];

/**
 * Makes the test for `variables` from the configured list: names, beginnings that end in `*` (headers ignore case), and `@custom`.
 */
export function keptVariables(patterns: readonly string[]): (name: string) => boolean {
  const names = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
  const beginnings = patterns
    .filter((pattern) => pattern.endsWith('*'))
    .map((p) => p.slice(0, -1).toLowerCase());
  const custom = names.has(CUSTOM);
  return (name) => {
    if (names.has(name)) return true;
    const lower = name.toLowerCase();
    if (beginnings.some((beginning) => lower.startsWith(beginning))) return true;
    return custom && !lower.startsWith('sip_') && !isKnownVariable(name);
  };
}
