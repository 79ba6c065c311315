import { readFile } from 'node:fs/promises';
import type { AnsweredBy, Call, Disposition } from '../../libs/records/call.ts';

/** The recorded runs that a person has read; the reading is `test/fixtures/RUN/expected-calls.md`. */
type Run = 'run-01' | 'run-02' | 'run-05';

/** One transfer, as a person would tell it: how, and to which number. */
interface ExpectedTransfer {
  kind: 'blind' | 'attended' | null;
  to: string | null;
}

/** What a person says happened in one call. `null` = the evidence does not decide it, so it is not compared. */
export interface ExpectedCall {
  label: string;
  /** leg uuids in order of the SIP path; they identify the call */
  legs: string[];
  nodes: string[];
  caller: string | null;
  callee: string | null;
  disposition: Disposition | null;
  hangup_cause: string | null;
  hangup_by: NonNullable<Call['hangup_by']> | null;
  /** seconds of talk, true to ± 1 */
  billsec: number | null;
  /** `none`: nobody answered, so the call must say null */
  answered_by: AnsweredBy | 'none' | null;
  transfers: ExpectedTransfer[] | null;
}

/** All calls of one run, in the order they began, and the labels under which nobody called. */
export interface ExpectedCalls {
  run: Run;
  calls: ExpectedCall[];
  labelsWithoutCalls: string[];
}

const TALK_TOLERANCE_SECONDS = 1;
const COMPARED = ['nodes', 'caller', 'callee', 'disposition', 'hangup_cause', 'hangup_by'] as const;

/** Reads the expectation of `run` from its fixture. Throws when the file is missing or no JSON. */
export async function loadExpected(run: Run): Promise<ExpectedCalls> {
  const file = new URL(`../fixtures/${run}/expected-calls.json`, import.meta.url);
  return JSON.parse(await readFile(file, 'utf8')) as ExpectedCalls;
}

/**
 * Compares calls with what a person expects, matching them by their sets of legs. Returns one readable sentence a
 * difference: a wrong field, a missing call, a call too many, a leg in two calls; empty when all is right.
 * Calls merged into another (`merged_into`) are left out.
 */
export function compareCalls(expected: ExpectedCalls, actual: Call[]): string[] {
  const calls = actual.filter((call) => call.merged_into === null);
  const { byLeg, differences } = indexByLeg(calls);
  const matched = new Set<Call>();
  for (const wanted of expected.calls) {
    const call = byLeg.get(wanted.legs[0] ?? '');
    if (call !== undefined && sameLegs(wanted.legs, call.legs)) {
      matched.add(call);
      differences.push(...compareFields(wanted, call));
    } else {
      differences.push(describeMissing(wanted, byLeg));
    }
  }
  for (const call of calls) {
    if (!matched.has(call)) differences.push(describeExtra(call, expected));
  }
  return differences;
}

function indexByLeg(calls: Call[]): { byLeg: Map<string, Call>; differences: string[] } {
  const byLeg = new Map<string, Call>();
  const differences: string[] = [];
  for (const call of calls) {
    for (const leg of call.legs) {
      const other = byLeg.get(leg);
      if (other !== undefined)
        differences.push(`leg ${leg} is in two places: calls ${other.id} and ${call.id}`);
      byLeg.set(leg, call);
    }
  }
  return { byLeg, differences };
}

function sameLegs(wanted: string[], got: string[]): boolean {
  const legs = new Set(got);
  return wanted.length === got.length && wanted.every((leg) => legs.has(leg));
}

function compareFields(wanted: ExpectedCall, call: Call): string[] {
  const differences: string[] = [];
  const check = (field: string, want: unknown, got: unknown, same: boolean) => {
    if (want === null || same) return;
    differences.push(`${nameOf(wanted)}: ${field}: expected ${show(want)}, got ${show(got)}`);
  };
  for (const field of COMPARED) {
    check(field, wanted[field], call[field], show(wanted[field]) === show(call[field]));
  }
  const talk = Math.abs((wanted.billsec ?? 0) - (call.billsec ?? 0));
  check('billsec', wanted.billsec, call.billsec, talk <= TALK_TOLERANCE_SECONDS);
  check(
    'answered_by',
    wanted.answered_by,
    call.answered_by,
    wanted.answered_by === (call.answered_by ?? 'none'),
  );
  check('transfers', wanted.transfers, call.transfers, sameTransfers(wanted.transfers ?? [], call.transfers));
  return differences;
}

function sameTransfers(wanted: ExpectedTransfer[], got: Call['transfers']): boolean {
  return (
    wanted.length === got.length &&
    wanted.every(({ kind, to }, index) => {
      const other = got[index];
      return (kind === null || kind === other?.kind) && (to === null || to === other?.to);
    })
  );
}

function describeMissing(wanted: ExpectedCall, byLeg: Map<string, Call>): string {
  const where = wanted.legs.map((leg) => `${leg} in ${byLeg.get(leg)?.id ?? 'no call'}`);
  return `${nameOf(wanted)}: missing: no call has exactly its ${wanted.legs.length} legs (${where.join(', ')})`;
}

function describeExtra(call: Call, expected: ExpectedCalls): string {
  const labels = call.legs.map((leg) => {
    const owner = expected.calls.find(({ legs }) => legs.includes(leg));
    return `${leg} of ${owner === undefined ? 'no expected call' : nameOf(owner)}`;
  });
  return `call ${call.id}: extra: nobody expects a call of exactly its legs (${labels.join(', ')})`;
}

function nameOf(call: ExpectedCall): string {
  return `${call.label} (${call.legs[0]?.slice(0, 8)})`;
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
