import type { Command } from 'commander';
import { createClock } from '../../../libs/clock/clock.ts';
import { readRoutingState } from '../../../libs/provisioning/routing-state.ts';
import { type Explanation, explainCall } from '../../../libs/routing/explain.ts';
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
  const explanation = await withDatabase(async ({ write }) =>
    explainCall(await readRoutingState(write, { question, nowUs: createClock().nowUs() }), question),
  );
  output.result(linesOf(explanation).join('\n'), { ...explanation });
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
