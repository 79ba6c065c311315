import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { type AdminState, readDiscovery } from '../../../libs/provisioning/fleet.sql.ts';
import { orderNode, removeNode } from '../../../libs/provisioning/fleet-control.ts';
import { addNode } from '../../../libs/provisioning/nodes.ts';
import { audited } from '../../../libs/provisioning/resource/audited.ts';
import { NODES } from '../../../libs/provisioning/resources/nodes.ts';
import { placeOf, sipUriOf } from '../../../libs/provisioning/seen-address.ts';
import { checkInteger } from '../../../libs/provisioning/value.ts';
import type { CommandContext } from '../command-context.ts';
import { readEslAddress } from './esl-address.ts';
import { showFleet, watchFleet } from './fleet-table.ts';
import { waitUntilEmpty } from './node-wait.ts';
import { commandAuthor } from './resource/author.ts';

interface DrainOptions {
  wait?: boolean;
  timeout: string;
  pause?: boolean;
}

interface AdoptOptions {
  eslPassword?: string;
  sipUri?: string;
}

/** `switchfleet node list|status|adopt|drain|undrain|disable|remove` */
export function defineNodeControlCommands(program: Command, context: CommandContext): void {
  const node = program.commands.find((command) => command.name() === 'node');
  if (node === undefined) throw new CodedError('command-missing', 'node is not defined yet');
  node
    .command('list')
    .description('every node, with its state and load, and those that only showed up')
    .action(() => context.withDatabase(({ write }) => showFleet(context, write)));
  node
    .command('status')
    .description('the nodes and their load')
    .option('--watch', 'again every second, until Ctrl-C')
    .action(({ watch }: { watch?: boolean }) =>
      context.withDatabase(({ write }) => (watch ? watchFleet(context, write) : showFleet(context, write))),
    );
  node
    .command('adopt')
    .description('take in a node that showed up by itself; prints its own HTTP credential')
    .argument('<switchname>', 'as `node list` shows it')
    .option('--esl <host[:port]>', 'where its event socket listens; by default where it was seen')
    .option('--esl-password <password>', "event socket password; by default standalone's own")
    .option('--sip-uri <uri>', 'where its calls go; by default the address it was seen at, port 5060')
    .action((switchname: string, options: AdoptOptions & { esl?: string }) =>
      adopt(context, switchname, options),
    );
  defineOrders(node, context);
  node
    .command('remove')
    .description('forget a node; calls in progress on it go on')
    .argument('<switchname>')
    .action(async (switchname: string) => {
      const note = { resource: NODES, author: await commandAuthor(context), before: { switchname } };
      await context.withDatabase(({ write }) =>
        audited(write, note, (client) => removeNode(client, switchname)),
      );
      context.output.result(`removed node ${switchname}`, { switchname, removed: true });
    });
}

function defineOrders(node: Command, context: CommandContext): void {
  const pause = ['--pause', 'FreeSWITCH itself refuses new calls, too (fsctl pause inbound)'] as const;
  node
    .command('drain')
    .description('no new calls within a second; calls in progress go on')
    .argument('<switchname>')
    .option('--wait', 'return when its last call has ended')
    .option('--timeout <seconds>', 'with --wait: give up after this long', '86400')
    .option(...pause)
    .action(async (switchname: string, options: DrainOptions) => {
      await order(context, { switchname, state: 'draining', pauses: options.pause === true });
      const timeoutMs = checkInteger('timeout', options.timeout, { min: 1, max: 604_800 }) * 1000;
      if (options.wait) {
        await context.withDatabase(({ write }) => waitUntilEmpty(context, write, { switchname, timeoutMs }));
      }
    });
  node
    .command('undrain')
    .description('take calls again')
    .argument('<switchname>')
    .option('--pause', 'it was paused with --pause, too: resume it')
    .action((switchname: string, { pause: resumes }: { pause?: boolean }) =>
      order(context, { switchname, state: 'active', pauses: resumes === true }),
    );
  node
    .command('disable')
    .description('no calls, and no event socket once those in progress have ended')
    .argument('<switchname>')
    .action((switchname: string) => order(context, { switchname, state: 'disabled', pauses: false }));
}

async function order(
  context: CommandContext,
  { switchname, state, pauses }: { switchname: string; state: AdminState; pauses: boolean },
): Promise<void> {
  const requestedBy = `cli ${userInfo().username}`;
  const author = await commandAuthor(context);
  const { before, kamailios } = await context.withDatabase(({ write }) =>
    orderNode(write, { switchname, state, pauses, requestedBy, author }),
  );
  const told = kamailios.map(({ url, problem }) => {
    const host = URL.parse(url)?.host ?? 'kamailio';
    return `\n  ${host}: ${problem ?? 'told'}`;
  });
  context.output.result(`node ${switchname} is ${state} (was ${before})${told.join('')}`, {
    switchname,
    state,
    before,
    kamailios: kamailios.map(({ url, problem }) => ({
      host: URL.parse(url)?.host,
      problem: problem ?? null,
    })),
  });
}

async function adopt(
  context: CommandContext,
  switchname: string,
  options: AdoptOptions & { esl?: string },
): Promise<void> {
  const eslPassword = options.eslPassword ?? (await context.standaloneEslPassword());
  if (eslPassword === undefined) throw new CodedError('value-refused', '--esl-password is missing');
  const box = await context.secretBox();
  const author = await commandAuthor(context);
  const { username, password, host } = await context.withDatabase(async ({ write }) => {
    const seen = await readDiscovery(write, switchname);
    if (seen === undefined) throw new CodedError('not-found', `no node ${switchname} has shown up`);
    const place = options.esl === undefined ? placeOf(seen) : readEslAddress(options.esl);
    if (place === undefined)
      throw new CodedError('value-refused', '--esl is missing: its address was not seen');
    const { host: eslHost, port: eslPort } = place;
    const sipUri = options.sipUri ?? sipUriOf(eslHost);
    const node = { switchname, eslHost, eslPort, eslPassword, sipUri };
    const note = { resource: NODES, author, after: () => ({ switchname }), secrets: ['esl_password'] };
    const credential = await audited(write, note, (client) => addNode(client, node, box));
    return { ...credential, host: `${eslHost}:${eslPort}` };
  });
  context.output.result(
    `adopted node ${switchname} (event socket ${host})\nits own HTTP credential, shown only now: ${username}:${password}`,
    { switchname, esl: host, http_username: username, http_password: password },
  );
}
