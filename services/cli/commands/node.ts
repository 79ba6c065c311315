import type { Command } from 'commander';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { hostInUri } from '../../../libs/network/uri-host.ts';
import { addNode } from '../../../libs/provisioning/nodes.ts';
import { audited } from '../../../libs/provisioning/resource/audited.ts';
import { NODES } from '../../../libs/provisioning/resources/nodes.ts';
import { checkInteger } from '../../../libs/provisioning/value.ts';
import type { CommandContext } from '../command-context.ts';
import { readEslAddress } from './esl-address.ts';
import { commandAuthor } from './resource/author.ts';

interface AddOptions {
  esl: string;
  eslPassword?: string;
  sipUri?: string;
  region?: string;
  maxSessions?: string;
}

/** `switchfleet node …` */
export function defineNodeCommand(program: Command, context: CommandContext): void {
  const node = program.command('node').description('nodes: FreeSWITCH servers');
  node
    .command('add')
    .description('add a FreeSWITCH server; no restart is needed anywhere')
    .argument('<switchname>', 'its switchname: the host name, unless switch.conf.xml names another')
    .requiredOption('--esl <host[:port]>', 'where its event socket listens; port 8021 by default')
    .option('--esl-password <password>', "event socket password; by default standalone's own")
    .option('--sip-uri <uri>', 'where its calls go, such as sip:192.0.2.10:5060')
    .option('--region <region>', 'region, for routing')
    .option('--max-sessions <number>', 'most calls it may get')
    .action((switchname: string, options: AddOptions) => add(context, switchname, options));
}

async function add(context: CommandContext, switchname: string, options: AddOptions): Promise<void> {
  const { host, port } = readEslAddress(options.esl);
  const { sipUri, region, maxSessions } = options;
  const eslPassword = options.eslPassword ?? (await context.standaloneEslPassword());
  if (eslPassword === undefined) throw new CodedError('value-refused', '--esl-password is missing');
  const box = await context.secretBox();
  const limit =
    maxSessions === undefined
      ? undefined
      : checkInteger('max sessions', maxSessions, { min: 0, max: 1_000_000 });
  const node = { switchname, eslHost: host, eslPort: port, eslPassword, sipUri, region, maxSessions: limit };
  const author = await commandAuthor(context);
  const note = { resource: NODES, author, after: () => ({ switchname }), secrets: ['esl_password'] };
  const { username, password } = await context.withDatabase(({ write }) =>
    audited(write, note, (client) => addNode(client, node, box)),
  );
  context.output.result(
    [
      `added node ${switchname} (event socket ${hostInUri(host)}:${port})`,
      `its own HTTP credential, shown only now: ${username}:${password}`,
      ...(sipUri === undefined ? [`no call is sent to it: node set ${switchname} --sip-uri says where`] : []),
    ].join('\n'),
    { switchname, esl_host: host, esl_port: port, http_username: username, http_password: password },
  );
}
