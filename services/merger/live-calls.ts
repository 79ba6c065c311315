import type { CallMoment, LiveCall } from '../../libs/records/live.ts';
import type { ChangedCall } from './write-claimed.ts';

/** How long a call may be over and still be news, µs: a CDR that FreeSWITCH had to post again comes within this. */
const NEWS_US = 30_000_000;

/**
 * What browsers see of calls that changed, a record for each call: that they began, were answered, ended; a call that became a part of
 * another one has ended for them, too. Nothing of calls that were long over when they were first heard of (an imported history, spooled
 * CDRs): slow listeners were cut off by them.
 */
export function liveCalls(changed: readonly ChangedCall[], nowUs: number): LiveCall[] {
  return changed.flatMap(({ row, change, took }) => {
    const { tenant, domain, caller, callee, nodes } = row;
    const about = { tenant, domain, caller, callee, nodes };
    const ended: CallMoment = { kind: 'call-ended', at_us: row.end_us ?? nowUs };
    const said: LiveCall[] = took.map((call_id) => ({ v: 1, ...ended, call_id, ...about }));
    const before = newMoments({ row, change }, nowUs);
    const last = before.pop();
    if (last === undefined) return said;
    return [...said, { v: 1, ...last, ...(before.length > 0 && { before }), call_id: row.id, ...about }];
  });
}

function newMoments({ row, change }: Omit<ChangedCall, 'took'>, nowUs: number): CallMoment[] {
  const isHistory = change.isNew && row.end_us !== null && row.end_us < nowUs - NEWS_US;
  // a call that was told to be over, and goes on: another server took it after one had refused it
  const livesAgain = change.wasOver && row.end_us === null;
  // of one that stays over nothing is told that would make it live again
  if (isHistory || (change.wasOver && !livesAgain)) return [];
  const isUnknown = change.isNew || livesAgain;
  const moments: CallMoment[] = [];
  if (isUnknown) moments.push({ kind: 'call-started', at_us: row.start_us });
  if (row.answer_us !== null && (isUnknown || !change.wasAnswered))
    moments.push({ kind: 'call-answered', at_us: row.answer_us });
  if (row.end_us !== null) moments.push({ kind: 'call-ended', at_us: row.end_us });
  return moments;
}
