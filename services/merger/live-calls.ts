import type { LiveCall } from '../../libs/records/live.ts';
import type { ChangedCall } from './write-claimed.ts';

/** How long a call may be over and still be news, µs: a CDR that FreeSWITCH had to post again comes within this. */
const NEWS_US = 30_000_000;

/**
 * What browsers see of calls that changed: that they began, were answered, ended; a call that became a part of another one has ended
 * for them, too. Nothing of calls that were long over when they were first heard of (an imported history, spooled CDRs): each would be
 * three records, and slow listeners were cut off by them.
 */
export function liveCalls(changed: readonly ChangedCall[], nowUs: number): LiveCall[] {
  return changed.flatMap(({ row, change, took }) => {
    const say = (kind: LiveCall['kind'], at_us: number, call_id = row.id): LiveCall => {
      const { tenant, domain, caller, callee, nodes } = row;
      return { v: 1, kind, at_us, call_id, tenant, domain, caller, callee, nodes };
    };
    const said = took.map((id) => say('call-ended', row.end_us ?? nowUs, id));
    const isHistory = change.isNew && row.end_us !== null && row.end_us < nowUs - NEWS_US;
    // of a call that was told to be over nothing is told that would make it live again
    if (isHistory || change.wasOver) return said;
    if (change.isNew) said.push(say('call-started', row.start_us));
    if (row.answer_us !== null && !change.wasAnswered) said.push(say('call-answered', row.answer_us));
    if (row.end_us !== null) said.push(say('call-ended', row.end_us));
    return said;
  });
}
