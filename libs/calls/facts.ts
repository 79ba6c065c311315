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
      else if (TRUNK_HEADERS.has(lower)) facts[lower] = value;
    }
  }
  return facts;
}

/** On an INVITE, on a provisional or final reply, on a re-INVITE: as FreeSWITCH shows X-Switchfleet-Trunk. */
export const TRUNK_HEADERS: ReadonlySet<string> = new Set([
  'sip_h_x-switchfleet-trunk',
  'sip_ph_x-switchfleet-trunk',
  'sip_rh_x-switchfleet-trunk',
]);
