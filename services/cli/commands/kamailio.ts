import type { Command } from 'commander';
import { dispatcherList } from '../../../libs/kamailio/dispatcher.ts';
import { srvLines } from '../../../libs/kamailio/srv.ts';
import { requireDomain } from '../../../libs/provisioning/domains.ts';
import { readDispatcher, readServingNodes } from '../../../libs/provisioning/fleet.sql.ts';
import { checkInteger } from '../../../libs/provisioning/value.ts';
import type { CommandContext } from '../command-context.ts';

/** `switchfleet kamailio dispatcher-list` and `switchfleet dns srv` */
export function defineKamailioCommands(program: Command, context: CommandContext): void {
  program
    .command('kamailio')
    .description('what Kamailio reads from files')
    .command('dispatcher-list')
    .description("the dispatcher's list file, so that Kamailio starts without the database")
    .action(() => printList(context));
  program
    .command('dns')
    .description('what a name server tells')
    .command('srv')
    .description('zone lines (SRV, A, AAAA) for the active nodes of a domain')
    .argument('<domain>')
    .option('--ttl <seconds>', 'how long resolvers may keep them', '60')
    .action((domain: string, { ttl }: { ttl: string }) => printZone(context, domain, ttl));
}

async function printList(context: CommandContext): Promise<void> {
  const rows = await context.withDatabase(({ write }) => readDispatcher(write));
  context.output.result(dispatcherList(rows).trimEnd(), { rows });
}

async function printZone(context: CommandContext, name: string, ttl: string): Promise<void> {
  const ttlSeconds = checkInteger('ttl', ttl, { min: 0, max: 604_800 });
  const { domain, rows } = await context.withDatabase(async ({ write }) => {
    const found = await requireDomain(write, name);
    return { domain: found, rows: await readServingNodes(write, found) };
  });
  const nodes = rows.map(({ sip_uri: sipUri, ...node }) => ({ ...node, sipUri }));
  context.output.result(srvLines({ domain, ttlSeconds, nodes }).trimEnd(), { domain, nodes });
}
