import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { audited } from '../../../libs/provisioning/resource/audited.ts';
import { USERS } from '../../../libs/provisioning/resources/users.ts';
import { addUser } from '../../../libs/provisioning/users.ts';
import type { CommandContext } from '../command-context.ts';
import { splitAddress } from './entry-options.ts';
import { readPassword } from './password-option.ts';
import { commandAuthor } from './resource/author.ts';
import { defineUserSet } from './user-set.ts';

interface AddOptions {
  password?: string;
  passwordStdin?: boolean;
  tenant?: string;
  alias?: string;
  name?: string;
  number?: string;
  context?: string;
  accountcode?: string;
  vmPassword?: string;
}

/** `switchfleet user …` */
export function defineUserCommand(program: Command, context: CommandContext): void {
  const user = program.command('user').description('users: who may register and be called');
  user
    .command('add')
    .description('add a user (and its domain when that is new)')
    .argument('<user@domain>', 'such as 1001@sip.example.com')
    .option('--password <password>', 'SIP password; without one it is generated and shown once')
    .option('--password-stdin', 'read the SIP password from standard input, out of sight of ps and history')
    .option('--tenant <tenant>', 'tenant of a new domain')
    .option('--alias <number>', 'a second number (number-alias)')
    .option('--name <name>', 'caller id name')
    .option('--number <number>', 'caller id number')
    .option('--context <context>', 'dialplan context of its calls')
    .option('--accountcode <code>', 'account code in CDRs')
    .option('--vm-password <digits>', 'voicemail password')
    .action((address: string, options: AddOptions) => add(context, address, options));
  defineUserSet(user, context);
}

async function add(context: CommandContext, address: string, options: AddOptions): Promise<void> {
  const given = await readPassword(options);
  const password = given ?? randomBytes(12).toString('base64url');
  const note = {
    resource: USERS,
    author: await commandAuthor(context),
    after: (added: { user: string; domain: string }) => ({ domain: added.domain, user_id: added.user }),
    secrets: ['password', ...(options.vmPassword === undefined ? [] : ['voicemail_password'])],
  };
  const { name: user, domain } = splitAddress(address, '1001@sip.example.com');
  const wanted = {
    user,
    domain,
    password,
    tenant: options.tenant,
    numberAlias: options.alias,
    callerIdName: options.name,
    callerIdNumber: options.number,
    context: options.context,
    accountcode: options.accountcode,
    voicemailPassword: options.vmPassword,
  };
  const added = await context.withDatabase(({ write }) =>
    audited(write, note, (client) => addUser(client, wanted)),
  );
  const generated = given === undefined ? { password } : {};
  const remark = given === undefined ? `, password ${password} (shown only now)` : '';
  context.output.result(`added user ${added.user}@${added.domain}${remark}`, { ...added, ...generated });
}
