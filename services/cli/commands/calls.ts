import type { Command } from 'commander';
import { checkInteger } from '../../../libs/provisioning/value.ts';
import type { StoredCall } from '../../../libs/store/search/calls.ts';
import type { CommandContext } from '../command-context.ts';

const COLUMNS = ['time', 'caller', 'callee', 'nodes', 'legs', 'disposition', 'talk', 'hangup_cause'];

/** `switchfleet calls` */
export function defineCallsCommand(program: Command, context: CommandContext): void {
  program
    .command('calls')
    .description('the newest calls, over all nodes')
    .option('--limit <number>', 'how many', '20')
    .action((options: { limit: string }) => list(context, options.limit));
}

async function list(context: CommandContext, limitText: string): Promise<void> {
  const limit = checkInteger('limit', limitText, { min: 1, max: 10_000 });
  // drizzle takes 200 MB: only this command pays for it.
  const { listCalls } = await import('../../../libs/store/search/calls.ts');
  const { searchDatabase } = await import('../../../libs/store/search/search-database.ts');
  const calls = await context.withDatabase(({ read }) => listCalls(searchDatabase(read), { limit }));
  context.output.table(COLUMNS, calls, toRow);
}

function toRow(call: StoredCall): Record<string, unknown> {
  return {
    time: new Date(call.start_us / 1000).toISOString(),
    caller: call.caller,
    callee: call.callee,
    nodes: call.nodes.join(' → '),
    legs: call.legs.length,
    disposition: call.state === 'live' ? 'live' : call.disposition,
    talk: call.billsec === null ? null : `${call.billsec.toFixed(1)} s`,
    hangup_cause: call.hangup_cause,
  };
}
