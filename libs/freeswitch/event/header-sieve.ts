import { isLegVariable } from '../leg-variables.ts';
import { EVENT_HEADERS } from './event-headers.ts';

const VARIABLE = 'variable_';
/** Callers choose the names of `variable_sip_h_…`: this many names are remembered, then all of them are learnt anew. */
const REMEMBERED = 20_000;

/** Decides by its name what is kept of a header, and remembers it: an event has 150 headers, of always the same names. */
export interface HeaderSieve {
  /** the name of the variable that this header holds, '' for a header that is kept as it is, undefined for one that is left out */
  sift(header: string): string | undefined;
}

/** @param keepVariable variables that are kept beyond those legs need (the configured list) */
export function createHeaderSieve(keepVariable: (name: string) => boolean = () => false): HeaderSieve {
  const known = new Map<string, string | undefined>();
  const judge = (header: string) => {
    if (EVENT_HEADERS.has(header)) return '';
    const name = header.startsWith(VARIABLE) ? header.slice(VARIABLE.length) : undefined;
    return name !== undefined && (isLegVariable(name) || keepVariable(name)) ? name : undefined;
  };
  return {
    sift: (header) => {
      const kept = known.get(header);
      if (kept !== undefined || known.has(header)) return kept;
      if (known.size >= REMEMBERED) known.clear();
      const judged = judge(header);
      known.set(header, judged);
      return judged;
    },
  };
}
