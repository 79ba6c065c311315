import type { Command } from 'commander';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import { checkInteger } from '../../../../libs/provisioning/value.ts';
import { searchCalls } from '../../../../libs/store/search/call-search.ts';
import type { StoredCall } from '../../../../libs/store/search/calls.ts';
import type { CommandContext } from '../../command-context.ts';
import { addCallOptions, type CallOptions, readCallFilter, readCallSpan } from './call-options.ts';
import { defineCallShow } from './call-show.ts';

const COLUMNS = ['time', 'caller', 'callee', 'nodes', 'legs', 'disposition', 'talk', 'hangup_cause', 'id'];

/** `switchfleet calls` and `switchfleet calls show` */
export function defineCallsCommand(program: Command, context: CommandContext): void {
  const calls = program.command('calls').description('calls over all nodes, the newest first');
  addCallOptions(calls)
    .option('--limit <number>', 'how many', '20')
    .action((options: CallOptions & { limit: string }) => list(context, options));
  defineCallShow(calls, context);
}

async function list(context: CommandContext, options: CallOptions & { limit: string }): Promise<void> {
  const search = {
    ...readCallSpan(options),
    filter: readCallFilter(options),
    limit: checkInteger('limit', options.limit, { min: 1, max: 10_000 }),
    budgetMs: Math.min(context.config.API_SEARCH_MS, context.config.DATABASE_TIMEOUT_MS),
  };
  const page = await context.withDatabase(({ read }) => searchCalls(read, search));
  context.output.table(COLUMNS, page.items, toRow);
  // what was not searched must not look as if nothing were there
  if (page.complete || page.searchedToUs === null) return;
  const back = new Date(page.searchedToUs / 1000).toISOString();
  throw new CodedError(
    'search-timed-out',
    `only calls from ${back} on were searched: --to ${back} goes on, API_SEARCH_MS gives more time`,
  );
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
    id: call.id,
  };
}
