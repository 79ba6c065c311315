import Table from 'cli-table3';
import type { Call } from '../../../libs/records/call.ts';

/** The calls as a table for a terminal: time, caller → callee, nodes, legs, disposition, talk time, hangup cause. */
export function callTable(calls: readonly Call[]): string {
  const table = new Table({
    head: ['time (UTC)', 'caller → callee', 'nodes', 'legs', 'disposition', 'talk', 'hangup cause'],
    colAligns: ['left', 'left', 'left', 'right', 'left', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  table.push(...calls.map(toRow));
  return table.toString();
}

function toRow(call: Call): string[] {
  const time = new Date(call.start_us / 1000).toISOString().slice(11, 19);
  const talk = call.billsec === null || call.answer_us === null ? '' : `${call.billsec.toFixed(1)} s`;
  return [
    time,
    `${call.caller ?? '?'} → ${call.callee ?? '?'}`,
    call.nodes.join(' → '),
    String(call.legs.length),
    call.disposition ?? call.state,
    talk,
    call.hangup_cause ?? '',
  ];
}
