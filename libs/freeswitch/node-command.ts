import { CodedError } from '../errors/coded-error.ts';

/** What may be asked of a node (`node_commands`): nothing that ends calls, and nothing with a free text in it. */
export const NODE_COMMANDS = [
  'pause-inbound',
  'resume-inbound',
  'gateway-rescan',
  'gateway-remove',
  'flush-user',
] as const;
export type NodeCommandName = (typeof NODE_COMMANDS)[number];

interface Form {
  /** what the argument must look like; its groups are handed to `write` */
  argument: RegExp;
  /** for the person who got it wrong */
  expects: string;
  write: (...parts: string[]) => string;
}

const NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,63}';

const FORMS: Readonly<Record<NodeCommandName, Form>> = {
  'pause-inbound': { argument: /^$/, expects: 'nothing', write: () => 'fsctl pause inbound' },
  'resume-inbound': { argument: /^$/, expects: 'nothing', write: () => 'fsctl resume inbound' },
  'gateway-rescan': {
    argument: new RegExp(`^(${NAME})$`),
    expects: 'a SIP profile',
    write: (profile) => `sofia profile ${profile} rescan`,
  },
  'gateway-remove': {
    argument: new RegExp(`^(${NAME}) (${NAME})$`),
    expects: 'a SIP profile and a gateway',
    write: (profile, gateway) => `sofia profile ${profile} killgw ${gateway}`,
  },
  'flush-user': {
    argument: /^([A-Za-z0-9][A-Za-z0-9._+-]{0,63})@([A-Za-z0-9][A-Za-z0-9.-]{0,252})$/,
    expects: 'user@domain',
    write: (user, domain) => `xml_flush_cache id ${user} ${domain}`,
  },
};

/**
 * The `api` command that a node is sent for a command of ours.
 * @throws CodedError `node-command-invalid`: no command of ours, or an argument of another form
 */
export function toApiCommand(command: string, argument: string | null): string {
  const form = (NODE_COMMANDS as readonly string[]).includes(command)
    ? FORMS[command as NodeCommandName]
    : undefined;
  if (form === undefined) throw new CodedError('node-command-invalid', `"${command}" is no command to nodes`);
  const parts = form.argument.exec(argument ?? '');
  if (parts === null)
    throw new CodedError('node-command-invalid', `${command} takes ${form.expects} as its argument`);
  return form.write(...parts.slice(1));
}

/** Whether a reply says that it was done: a line of +OK and none of -ERR (`sofia profile … rescan` says more than one line). */
export function hasSucceeded(reply: string): boolean {
  const lines = reply.split('\n');
  return lines.some((line) => line.startsWith('+OK')) && !lines.some((line) => line.startsWith('-ERR'));
}
