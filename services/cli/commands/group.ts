import type { Command } from 'commander';
import { addGroup, changeGroup, removeGroup } from '../../../libs/provisioning/groups.ts';
import { audited } from '../../../libs/provisioning/resource/audited.ts';
import { GROUPS } from '../../../libs/provisioning/resources/groups.ts';
import type { CommandContext } from '../command-context.ts';
import { addPairOptions, collect, type PairOptions, readPairs, splitAddress } from './entry-options.ts';
import { commandAuthor } from './resource/author.ts';

interface SetOptions extends PairOptions {
  add?: string[];
  remove?: string[];
}

const EXAMPLE = 'sales@sip.example.com';

/** `switchfleet group …` */
export function defineGroupCommand(program: Command, context: CommandContext): void {
  const group = program.command('group').description('groups: users that ring together');
  group
    .command('add')
    .description('add a group of users, in the order in which they are named')
    .argument('<group@domain>', `such as ${EXAMPLE}`)
    .argument('[users...]', 'ids of its users')
    .action((address: string, users: string[]) => add(context, address, users));
  const set = group
    .command('set')
    .description('change a group; what is not named stays')
    .argument('<group@domain>', `such as ${EXAMPLE}`)
    .option('--add <user>', 'a user to put at its end', collect)
    .option('--remove <user>', 'a user to take out', collect);
  addPairOptions(set).action((address: string, options: SetOptions) => change(context, address, options));
  group
    .command('remove')
    .description('remove a group; its users stay')
    .argument('<group@domain>', `such as ${EXAMPLE}`)
    .action((address: string) => remove(context, address));
}

async function add(context: CommandContext, address: string, users: string[]): Promise<void> {
  const group = splitAddress(address, EXAMPLE);
  const note = { resource: GROUPS, author: await commandAuthor(context), after: () => group };
  await context.withDatabase(({ write }) => audited(write, note, (client) => addGroup(client, group, users)));
  context.output.result(`added group ${address} (${users.length} users)`, { ...group, users });
}

async function change(context: CommandContext, address: string, options: SetOptions): Promise<void> {
  const group = splitAddress(address, EXAMPLE);
  const changes = { add: options.add ?? [], remove: options.remove ?? [], pairs: readPairs(options) };
  const note = { resource: GROUPS, author: await commandAuthor(context), before: group, after: () => group };
  await context.withDatabase(({ write }) =>
    audited(write, note, (client) => changeGroup(client, group, changes, 'administrator')),
  );
  context.output.result(`changed group ${address}`, group);
}

async function remove(context: CommandContext, address: string): Promise<void> {
  const group = splitAddress(address, EXAMPLE);
  const note = { resource: GROUPS, author: await commandAuthor(context), before: group };
  await context.withDatabase(({ write }) => audited(write, note, (client) => removeGroup(client, group)));
  context.output.result(`removed group ${address}`, group);
}
