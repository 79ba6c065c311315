import type { LiveCall } from '../../libs/records/live.ts';
import type { ChangedCall } from './write-claimed.ts';

/** What browsers see of calls that changed: that they began, were answered, ended. */
export function liveCalls(changed: readonly ChangedCall[]): LiveCall[] {
  return changed.flatMap(({ row, change }) => {
    const said: LiveCall[] = [];
    const say = (kind: LiveCall['kind'], at_us: number) => {
      const { id: call_id, tenant, domain, caller, callee, nodes } = row;
      said.push({ v: 1, kind, at_us, call_id, tenant, domain, caller, callee, nodes });
    };
    if (change.isNew) say('call-started', row.start_us);
    if (row.answer_us !== null && !change.wasAnswered) say('call-answered', row.answer_us);
    if (row.end_us !== null && !change.wasOver) say('call-ended', row.end_us);
    return said;
  });
}
