import type { AnsweredBy, Call, Disposition } from '../../records/call.ts';
import { allOf, anyOf, type Fragment, raw, sql } from '../fragment.ts';
import { type NumberTerm, numberCondition, numberConditions } from './number-term.ts';
import { type QualityTag, qualityCondition } from './quality.ts';

/** From the smallest to the largest, both included. */
export interface Bounds {
  min?: number | undefined;
  max?: number | undefined;
}

/** What a search of calls asks for. Everything that is given has to hold; times are searched apart (see `SearchSpan`). */
export interface CallFilter {
  /** whose calls: of one tenant, or of all when undefined */
  tenant?: string | undefined;
  /** on either side */
  number?: readonly NumberTerm[] | undefined;
  caller?: readonly NumberTerm[] | undefined;
  callee?: readonly NumberTerm[] | undefined;
  did?: readonly NumberTerm[] | undefined;
  domain?: string | undefined;
  trunk?: string | undefined;
  node?: string | undefined;
  state?: Call['state'] | undefined;
  direction?: NonNullable<Call['direction']> | undefined;
  disposition?: readonly Disposition[] | undefined;
  answered_by?: AnsweredBy | undefined;
  hangup_cause?: readonly string[] | undefined;
  hangup_by?: NonNullable<Call['hangup_by']> | undefined;
  /** seconds from start to end */
  duration?: Bounds | undefined;
  /** seconds of talk */
  billsec?: Bounds | undefined;
  mos?: Bounds | undefined;
  pdd_ms?: Bounds | undefined;
  /** all of these hold */
  quality?: readonly QualityTag[] | undefined;
  /** Call-ID of the SIP dialog of any leg */
  sip_call_id?: string | undefined;
  /** uuid of any leg */
  leg?: string | undefined;
  /** accountcode of any leg */
  account?: string | undefined;
  has_recording?: boolean | undefined;
}

const COLUMNS = {
  caller: raw('c.caller'),
  callee: raw('c.callee'),
  did: raw('c.did'),
} as const;

/**
 * The condition of a search on `calls c`. Where a number is looked for on either side there are several, of which a call has
 * to meet one: each is answered by an index of its own.
 */
export function callConditions(filter: CallFilter): { all: Fragment; branches: Fragment[] } {
  const { number } = filter;
  const branches =
    number === undefined ? [] : Object.values(COLUMNS).flatMap((column) => numberConditions(column, number));
  return {
    all: allOf([raw('c.merged_into is null'), ...plainConditions(filter), ...legConditions(filter)]),
    branches,
  };
}

/** The same as one condition. */
export function callCondition(filter: CallFilter): Fragment {
  const { all, branches } = callConditions(filter);
  return branches.length === 0 ? all : allOf([all, anyOf(branches)]);
}

function plainConditions(filter: CallFilter): Fragment[] {
  return [
    ...equal('c.tenant', filter.tenant),
    ...equal('c.domain', filter.domain),
    ...equal('c.trunk', filter.trunk),
    ...equal('c.state', filter.state),
    ...equal('c.direction', filter.direction),
    ...equal('c.answered_by', filter.answered_by),
    ...equal('c.hangup_by', filter.hangup_by),
    ...among('c.disposition', filter.disposition),
    ...among('c.hangup_cause', filter.hangup_cause),
    ...between('c.duration', filter.duration),
    ...between('c.billsec', filter.billsec),
    ...between('c.mos', filter.mos),
    ...between('c.pdd_ms', filter.pdd_ms),
    ...(['caller', 'callee', 'did'] as const).flatMap((side) => {
      const terms = filter[side];
      return terms === undefined ? [] : [numberCondition(COLUMNS[side], terms)];
    }),
    ...(filter.node === undefined ? [] : [sql`c.nodes @> array[${filter.node}::text]`]),
    ...(filter.has_recording === undefined
      ? []
      : [sql`(cardinality(c.recording_paths) > 0) = ${filter.has_recording}::boolean`]),
    ...(filter.quality ?? []).map(qualityCondition),
  ];
}

/** What is asked of any leg: the legs are looked up first, by their indexes. */
function legConditions({ sip_call_id, leg, account }: CallFilter): Fragment[] {
  const asked = [
    ...equal('l.sip_call_id', sip_call_id),
    ...equal('l.uuid', leg),
    ...equal('l.accountcode', account),
  ];
  return asked.map((one) => sql`c.id in (select l.call_id from legs l where ${one})`);
}

/** Nothing when nothing is asked. */
export function equal(column: string, value: string | undefined): Fragment[] {
  return value === undefined ? [] : [sql`${raw(column)} = ${value}`];
}

export function among(column: string, values: readonly string[] | undefined): Fragment[] {
  return values === undefined ? [] : [sql`${raw(column)} = any(${values}::text[])`];
}

export function between(column: string, bounds: Bounds | undefined): Fragment[] {
  return [
    ...(bounds?.min === undefined ? [] : [sql`${raw(column)} >= ${bounds.min}::float8`]),
    ...(bounds?.max === undefined ? [] : [sql`${raw(column)} <= ${bounds.max}::float8`]),
  ];
}
