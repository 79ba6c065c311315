import type { Command } from 'commander';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { changeUser, type UserChanges } from '../../../libs/provisioning/change-user.ts';
import { audited } from '../../../libs/provisioning/resource/audited.ts';
import { USERS } from '../../../libs/provisioning/resources/users.ts';
import { checkInteger } from '../../../libs/provisioning/value.ts';
import type { CommandContext } from '../command-context.ts';
import {
  addPairOptions,
  collect,
  type PairOptions,
  readEnabled,
  readPairs,
  splitAddress,
} from './entry-options.ts';
import { readPassword } from './password-option.ts';
import { commandAuthor } from './resource/author.ts';

interface SetOptions extends PairOptions {
  enable?: boolean;
  disable?: boolean;
  password?: string;
  passwordStdin?: boolean;
  alias?: string;
  accountcode?: string;
  name?: string;
  number?: string;
  context?: string;
  cidr?: string[];
  maxRegistrations?: string;
  voicemail?: string;
  vmPassword?: string;
  mailto?: string;
  reverseAuth?: string;
  eslPassword?: string;
}

const ON_OFF = ['on', 'off'];

/** `switchfleet user set` */
export function defineUserSet(user: Command, context: CommandContext): void {
  const set = user
    .command('set')
    .description('change a user; what is not named stays')
    .argument('<user@domain>', 'such as 1001@sip.example.com')
    .option('--enable', 'the user is found again')
    .option('--disable', 'the user is not found any more')
    .option(
      '--password <password>',
      'SIP password: the phones of the user need it at their next registration',
    )
    .option('--password-stdin', 'read the SIP password from standard input, out of sight of ps and history')
    .option('--alias <number>', 'a second number (number-alias); an empty value takes it away')
    .option('--accountcode <code>', 'account code in CDRs; an empty value takes it away')
    .option('--name <name>', 'caller id name')
    .option('--number <number>', 'caller id number')
    .option('--context <context>', 'dialplan context of its calls')
    .option(
      '--cidr <network>',
      'network that needs no password, several times for several; replaces those before',
      collect,
    )
    .option('--max-registrations <count>', 'phones at a time')
    .option('--voicemail <on|off>', 'whether there is a mailbox')
    .option('--vm <name=value>', 'a voicemail setting, such as vm-attach-file=true', collect)
    .option('--vm-password <digits>', 'voicemail password')
    .option('--mailto <addresses>', 'where voicemail is mailed')
    .option('--reverse-auth <name:password>', 'what it answers a peer that challenges')
    .option('--esl-password <password>', 'password for the event socket (userauth)');
  addPairOptions(set).action((address: string, options: SetOptions) => change(context, address, options));
}

/** Options that are secrets, and their fields. */
const SECRETS: Readonly<Record<string, string>> = {
  password: 'password',
  vmPassword: 'voicemail_password',
  reverseAuth: 'reverse_auth_password',
  eslPassword: 'esl_password',
};

async function change(context: CommandContext, address: string, options: SetOptions): Promise<void> {
  const { name: user, domain } = splitAddress(address, '1001@sip.example.com');
  const password = await readPassword(options);
  const changes = { ...readChanges(options), password };
  const author = await commandAuthor(context);
  const by = { role: 'administrator', box: author.box } as const;
  const key = { domain, user_id: user };
  const given: Readonly<Record<string, unknown>> = { ...options, password };
  const secrets = Object.keys(SECRETS)
    .filter((name) => given[name] !== undefined)
    .map((name) => SECRETS[name] ?? name);
  const note = { resource: USERS, author, before: key, after: () => key, secrets };
  await context.withDatabase(({ write }) =>
    audited(write, note, (client) => changeUser(client, { user, domain }, changes, by)),
  );
  context.output.result(`changed user ${user}@${domain}`, { user, domain });
}

/** Empty takes away. */
const orNull = (text: string | undefined) => (text === '' ? null : text);

function readChanges(options: SetOptions): UserChanges {
  const { name, number, context, cidr, maxRegistrations, voicemail, vmPassword, mailto, eslPassword } =
    options;
  if (voicemail !== undefined && !ON_OFF.includes(voicemail)) {
    throw new CodedError('value-refused', '--voicemail must be on or off');
  }
  return {
    enabled: readEnabled(options),
    numberAlias: orNull(options.alias),
    accountcode: orNull(options.accountcode),
    callerIdName: name,
    callerIdNumber: number,
    context,
    cidrs: cidr,
    maxRegistrations:
      maxRegistrations === undefined
        ? undefined
        : checkInteger('max registrations', maxRegistrations, { min: 1, max: 1_000 }),
    voicemail: voicemail === undefined ? undefined : voicemail === 'on',
    voicemailPassword: vmPassword,
    voicemailMailto: mailto,
    reverseAuth: readReverseAuth(options.reverseAuth),
    eslPassword,
    pairs: readPairs(options),
  };
}

function readReverseAuth(text: string | undefined): UserChanges['reverseAuth'] {
  if (text === undefined) return undefined;
  const colon = text.indexOf(':');
  if (colon <= 0) throw new CodedError('value-refused', '--reverse-auth must look like name:password');
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
