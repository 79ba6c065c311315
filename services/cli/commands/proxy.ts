import type { Command } from 'commander';
import { addProxy } from '../../../libs/provisioning/proxies.ts';
import { audited } from '../../../libs/provisioning/resource/audited.ts';
import { PROXIES } from '../../../libs/provisioning/resources/proxies.ts';
import { checkInteger } from '../../../libs/provisioning/value.ts';
import type { CommandContext } from '../command-context.ts';
import { commandAuthor } from './resource/author.ts';

interface AddOptions {
  port: string;
  rpc?: string;
}

/** `switchfleet proxy …` */
export function defineProxyCommand(program: Command, context: CommandContext): void {
  const proxy = program.command('proxy').description('proxies: our Kamailios');
  proxy
    .command('add')
    .description('add a Kamailio; correlation headers count only from known proxies and nodes')
    .argument('<name>', 'a name for it')
    .argument('<address>', 'the address its SIP comes from, or a network (192.0.2.0/28)')
    .option('--port <number>', 'its SIP port', '5060')
    .option('--rpc <url>', 'where it answers JSON-RPC')
    .action((name: string, address: string, options: AddOptions) =>
      add(context, { name, address, ...options }),
    );
}

async function add(
  context: CommandContext,
  { name, address, port, rpc }: AddOptions & { name: string; address: string },
): Promise<void> {
  const sipPort = checkInteger('port', port, { min: 1, max: 65_535 });
  const secrets = rpc === undefined ? [] : ['rpc_url'];
  const note = { resource: PROXIES, author: await commandAuthor(context), after: () => ({ name }), secrets };
  await context.withDatabase(({ write }) =>
    audited(write, note, (client) => addProxy(client, { name, address, sipPort, rpcUrl: rpc })),
  );
  context.output.result(`added proxy ${name} (${address})`, { name, address, sip_port: sipPort });
}
