import { hash } from 'node:crypto';
import { type CallContext, tenantOfLeg } from '../../libs/calls/call-context.ts';
import { callIdOf, isCallIdOf } from '../../libs/calls/call-id.ts';
import { callsOfLegs } from '../../libs/calls/component.ts';
import { type CallSummary, summarise } from '../../libs/calls/summarise.ts';
import type { CallRow } from '../../libs/store/call.sql.ts';
import type { FoldedLeg } from './folded-leg.ts';

/** The calls that the legs of one root make now, and the ids of its former calls that none of them has any more. */
export interface RootCalls {
  calls: { row: CallRow; legs: FoldedLeg[] }[];
  superseded: { id: string; merged_into: string }[];
}

export interface RootCallsOptions {
  rootId: string;
  /** ids of the calls it made before */
  before: readonly string[];
  context: CallContext;
  /** when the grace time is over of a call that is over now */
  finishUs: number;
}

export function callsOfRoot(legs: readonly FoldedLeg[], options: RootCallsOptions): RootCalls {
  const calls = callsOfLegs(legs).map((members) => ({ row: toRow(members, options), legs: members }));
  const ids = new Set(calls.map(({ row }) => row.id));
  const superseded = options.before
    .filter((id) => !ids.has(id))
    .map((id) => ({ id, merged_into: successor(id, calls) }));
  return { calls, superseded };
}

function toRow(members: readonly FoldedLeg[], { rootId, context, finishUs }: RootCallsOptions): CallRow {
  const summary = summarise(
    members.map(({ leg }) => leg),
    context,
  );
  const tenants = members.map(({ leg }) => tenantOfLeg(leg, context)).filter((tenant) => tenant !== null);
  return {
    ...summary,
    root_id: rootId,
    tenants: [...new Set(tenants)].sort(),
    digest: digestOf(summary),
    finish_us: summary.is_over ? finishUs : null,
  };
}

function digestOf(summary: CallSummary): string {
  return hash('sha256', JSON.stringify(summary), 'base64url').slice(0, 22);
}

/** The call that has the leg which the id was made of, or whose history's row it was made of. */
function successor(id: string, calls: RootCalls['calls']): string {
  const has = (isIt: (leg: FoldedLeg) => boolean) => calls.find(({ legs }) => legs.some(isIt));
  const heir = has((leg) => callIdOf(leg) === id) ?? has((leg) => isCallIdOf(id, leg)) ?? calls[0];
  return heir?.row.id ?? id;
}
