import type { Cdr } from '../records/cdr-record.ts';
import { compareText, type Value } from './layers.ts';

/** What the CDR that counts says: its typed fields, what the leg was first asked for, and the variables that a fold reads. */
export interface CdrEvidence {
  format: 'xml' | 'json';
  hash: string;
  node: string;
  cdr: Pick<Cdr, (typeof KEPT_FIELDS)[number]>;
  first: FirstProfile;
  facts: Record<string, Value>;
  /** made of another system's row: its times are whole seconds */
  imported?: true;
}

/** The oldest callflow: transfers and pick-ups write newer ones. */
export interface FirstProfile {
  caller_id_name: string | null;
  caller_id_number: string | null;
  ani: string | null;
  destination_number: string | null;
  context: string | null;
  channel_name: string | null;
}

export const KEPT_FIELDS = [
  'core_uuid',
  'direction',
  'start_us',
  'progress_us',
  'progress_media_us',
  'answer_us',
  'end_us',
  'hangup_cause',
  'hangup_cause_q850',
  'sip_call_id',
  'sip_hangup_disposition',
  'domain',
  'accountcode',
  'mos',
] as const satisfies (keyof Cdr)[];

/** One CDR a leg counts: its own before another system's row, XML before JSON, then the later end, then the hash. Of one body what `b`, the newer one, read in it. */
export function strongerCdr(a: CdrEvidence | null, b: CdrEvidence | null): CdrEvidence | null {
  if (a === null || b === null) return a ?? b;
  return compareCdrs(a, b) > 0 ? a : b;
}

function compareCdrs(a: CdrEvidence, b: CdrEvidence): number {
  return (
    Number(b.imported ?? false) - Number(a.imported ?? false) ||
    Number(a.format === 'xml') - Number(b.format === 'xml') ||
    a.cdr.end_us - b.cdr.end_us ||
    compareText(a.hash, b.hash)
  );
}
