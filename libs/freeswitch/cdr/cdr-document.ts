import type { Variables } from '../../records/variables.ts';
import { firstValue } from '../first-value.ts';

/** Decoded variables by their names, in the document's order. A map: an object of so many changing names is slow to fill. */
export type VariableMap = ReadonlyMap<string, Variables[string]>;

/** A value of call-stats: text or number as the document has it, nested by audio/video and direction. */
export type Stats = { [name: string]: string | Stats | Stats[] };

/** One caller profile: FreeSWITCH's field names, texts as written (never URL-decoded). */
export type CallerProfile = Readonly<Record<string, string>>;

export interface AppliedApplication {
  app_name: string;
  app_data: string;
  /** microseconds as text, in app_log only */
  app_stamp?: string;
}

export interface DocumentCallflow {
  dialplan: string;
  unique_id: string;
  clone_of: string;
  profile_index: string;
  extension:
    | { name: string; number: string; current_app: string; applications: AppliedApplication[] }
    | undefined;
  caller_profile: CallerProfile;
  originators: CallerProfile[];
  originatees: CallerProfile[];
  originations: CallerProfile[];
  /** by FreeSWITCH's names (`created_time`, …), microseconds as text */
  times: Readonly<Record<string, string>>;
}

export interface Hold {
  on: string;
  off: string;
  bridged_to: string;
}

/** The whole of a CDR, from XML or from JSON, decoded and not yet interpreted. */
export interface CdrDocument {
  core_uuid: string;
  switchname: string;
  channel_data: Readonly<Record<string, string>>;
  call_stats: Stats;
  variables: VariableMap;
  app_log: AppliedApplication[];
  hold_record: Hold[];
  /** newest first */
  callflows: DocumentCallflow[];
  /** made of another system's row, which it holds whole as `imported_row` */
  imported: boolean;
}

/** Guards the bus and the merger: FreeSWITCH writes one callflow a transfer. */
const MAX_CALLFLOWS = 256;

/** Of callflows, newest first, those that a record has. The oldest is kept in any case: it says what the leg was first asked for. */
export function keptCallflows<Callflow>(callflows: Callflow[]): Callflow[] {
  if (callflows.length <= MAX_CALLFLOWS) return callflows;
  return [...callflows.slice(0, MAX_CALLFLOWS - 1), ...callflows.slice(-1)];
}

/** The first value of a variable that is not empty, or undefined. */
export function firstOf(variables: VariableMap, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const first = firstValue(variables.get(name));
    if (first !== undefined) return first;
  }
  return undefined;
}
