import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Call } from '../../../libs/records/call.ts';

const HEAD = ['time (UTC)', 'caller → callee', 'nodes', 'legs', 'disposition', 'talk', 'hangup cause'];
/** No lines between columns: the table fits into a terminal of 100 columns. */
const LINES = Object.fromEntries(
  ['top', 'bottom', 'mid', 'left', 'right'].flatMap((side) =>
    side === 'left' || side === 'right'
      ? [[side, ''] as const, [`${side}-mid`, ''] as const]
      : [[side, ''] as const, ...['mid', 'left', 'right'].map((end) => [`${side}-${end}`, ''] as const)],
  ),
);

/** The calls as a table for a terminal: time, caller → callee, nodes, legs, disposition, talk time, hangup cause. */
export function callTable(calls: readonly Call[]): string {
  const table = new Table({
    head: HEAD.map((title) => styleText('bold', title)),
    colAligns: ['left', 'left', 'left', 'right', 'left', 'right', 'left'],
    chars: { ...LINES, middle: ' ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
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
