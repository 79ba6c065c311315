import { LEG_FACTS } from './kept-names.ts';
import type { Value } from './layers.ts';

export interface EvidenceOptions {
  /** name of the SIP header that joins legs over proxies */
  correlationHeader: string;
}

/** Where a leg's facts keep the value of the correlation header, whatever its name and case. */
export const CORRELATION = 'correlation';

/** The variables that a fold reads, and the headers whose names the configuration or the carrier chooses. */
export function factsOf(
  variables: Readonly<Record<string, Value>>,
  { correlationHeader }: EvidenceOptions,
): Record<string, Value> {
  const facts: Record<string, Value> = {};
  const correlation = `sip_h_${correlationHeader}`.toLowerCase();
  for (const name of Object.keys(variables)) {
    const value = variables[name];
    if (value === undefined) continue;
    if (LEG_FACTS.has(name)) facts[name] = value;
    else if (name.startsWith('sip_')) {
      const lower = name.toLowerCase();
      if (lower === correlation) facts[CORRELATION] = value;
      else if (OUR_HEADERS.has(lower)) facts[lower] = value;
    }
  }
  return facts;
}

/** What our Kamailio tells a node: on an INVITE, on a provisional and on a final reply. */
const OUR_HEADERS: ReadonlySet<string> = new Set([
  'sip_h_x-switchfleet-source',
  'sip_h_x-switchfleet-trunk',
  'sip_ph_x-switchfleet-trunk',
  'sip_rh_x-switchfleet-trunk',
]);
