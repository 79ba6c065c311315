import type { Command } from 'commander';
import { createClock } from '../../../libs/clock/clock.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import { readFleet } from '../../../libs/provisioning/fleet.sql.ts';
import { type Explanation, explainCall } from '../../../libs/routing/explain.ts';
import { createLoadBoard } from '../../../libs/routing/load/load-board.ts';
import { createRoutingModel } from '../../../libs/routing/routing-model.ts';
import { loadFromDatabase } from '../../../libs/snapshot/load.ts';
import type { CommandContext } from '../command-context.ts';

interface ExplainOptions {
  from: string;
  domain?: string;
  src?: string;
  callId?: string;
}

/** `switchfleet route explain` */
export function defineRouteCommand(program: Command, context: CommandContext): void {
  program
    .command('route')
    .description('where calls go')
    .command('explain')
    .description('where a call would go now, everything that was considered, and why it lost')
    .argument('<to>', 'what is dialled: a number, a user, or a SIP URI')
    .option('--from <caller>', 'who calls', '')
    .option('--domain <domain>', 'host of the request URI')
    .option('--src <address[:port]>', 'where the request comes from')
    .option('--call-id <id>', 'draws the order among equals')
    .action((to: string, options: ExplainOptions) => explain(context, to, options));
}

async function explain(
  { withDatabase, output }: CommandContext,
  to: string,
  options: ExplainOptions,
): Promise<void> {
  const { from, domain, src, callId } = options;
  const question = { to, from, domain, src, callId, attempted: new Set<string>(), nodeFirst: false };
  const explanation = await withDatabase(async ({ write }) => explainCall(await readState(write), question));
  output.result(linesOf(explanation).join('\n'), { ...explanation });
}

/** The configuration as it is now, and the load as the merger stored it last: up to a second behind the services'. */
async function readState(pool: Pool) {
  const nowUs = createClock().nowUs();
  const { model } = await loadFromDatabase(pool, createRoutingModel());
  const load = createLoadBoard({ staleMs: 45_000, nowUs: 0 });
  for (const node of await readFleet(pool)) if (node.load !== null) load.apply(node.load);
  return { model, load, nowUs, seed: 'explain' };
}

function linesOf({ decision, steps, load }: Explanation): string[] {
  const lines = steps.map(({ about, subject, verdict, figures }) => {
    const told =
      figures === undefined
        ? ''
        : ` (${Object.entries(figures)
            .map(([name, value]) => `${name} ${value}`)
            .join(', ')})`;
    return `${about.padEnd(6)} ${subject}: ${verdict}${told}`;
  });
  const age =
    load.youngest_ms === null
      ? 'no heartbeat was heard'
      : `the youngest heartbeat is ${load.youngest_ms} ms old`;
  if (decision.result === 'reject')
    return [...lines, `load   ${age}`, `→ rejected: ${decision.code} ${decision.reason}`];
  const legs = decision.legs.map((leg) =>
    leg.kind === 'node'
      ? `→ node ${leg.choice.node}: ${leg.user}@${leg.host}`
      : `→ trunk ${leg.choice.trunk}: ${leg.choice.uri}`,
  );
  return [...lines, `load   ${age}${decision.degraded ? '; degraded' : ''}`, ...legs];
}
