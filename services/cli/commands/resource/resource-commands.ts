import type { Command } from 'commander';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import { defaultSort, listItems } from '../../../../libs/provisioning/resource/list.ts';
import type { Item } from '../../../../libs/provisioning/resource/resource.ts';
import { filterSchemas, sortWords } from '../../../../libs/provisioning/resource/schemas.ts';
import { getItem, removeItem, writeItem } from '../../../../libs/provisioning/resource/service.ts';
import { checkInteger } from '../../../../libs/provisioning/value.ts';
import type { CommandContext } from '../../command-context.ts';
import { plainText } from '../../plain-text.ts';
import { commandAuthor } from './author.ts';
import { addFieldOptions, checkShape, readFieldOptions, readKey } from './field-options.ts';
import { defineFileCommands } from './file-commands.ts';
import { addKeyArguments, keyWords } from './key-arguments.ts';
import { NOUNS, type Noun, type Verb } from './nouns.ts';

type Define = (command: Command, noun: Noun, context: CommandContext) => void;

const DEFINE: Readonly<Record<Exclude<Verb, 'import' | 'export'>, Define>> = {
  list: defineList,
  show: defineShow,
  add: defineAdd,
  set: defineSet,
  remove: defineRemove,
};

/** `switchfleet trunk list`, `trunk add carrier --host …`, `did export`, …: what the api does, with the same rules. */
export function defineResourceCommands(program: Command, context: CommandContext): void {
  for (const noun of NOUNS) {
    const { name, description, verbs } = noun;
    const command =
      program.commands.find((each) => each.name() === name) ?? program.command(name).description(description);
    for (const verb of verbs)
      if (verb !== 'import' && verb !== 'export') DEFINE[verb](command, noun, context);
    if (verbs.includes('import')) defineFileCommands(command, noun, context);
  }
}

/** Commander hands over arguments, then options, then the command. */
function splitArguments({ resource }: Noun, given: readonly unknown[]) {
  const { length } = resource.key;
  const options = (given[length] ?? {}) as Record<string, string | boolean | undefined>;
  return { words: keyWords(resource, given.slice(0, length)), options };
}

function defineList(command: Command, noun: Noun, context: CommandContext): void {
  const { resource, columns } = noun;
  const list = command
    .command('list')
    .description(`${resource.words[1]}, a page of them or all`)
    .option('--q <text>', `part of ${(resource.search ?? []).join(', ')}`)
    .option('--sort <field>', `one of ${sortWords(resource).join(', ')}`, defaultSort(resource))
    .option('--limit <number>', 'how many at the most', '1000');
  const filters = Object.keys(filterSchemas(resource));
  for (const field of filters)
    list.option(`--${field.replaceAll('_', '-')} <value>`, 'only those that have it');
  list.action(async (options: Record<string, string>) => {
    const given = filters.flatMap((field) => {
      const value = options[field.replace(/_(\w)/g, (_whole, letter: string) => letter.toUpperCase())];
      return value === undefined ? [] : [[field, value] as const];
    });
    const limit = checkInteger('limit', options['limit'] ?? '', { min: 1, max: 1_000_000 });
    const sort = options['sort'] ?? '';
    if (!sortWords(resource).includes(sort))
      throw new CodedError('value-refused', `--sort ${sort} is none of ${sortWords(resource).join(', ')}`);
    const question = { tenant: undefined, filters: Object.fromEntries(given), q: options['q'], sort, limit };
    const { items } = await context.withDatabase(({ write }) => listItems(write, resource, question));
    context.output.table(columns, items, (item) =>
      Object.fromEntries(columns.map((column) => [column, shown(item[column])])),
    );
  });
}

function shown(value: Item[string] | undefined): unknown {
  if (!Array.isArray(value))
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  return value.map((part) =>
    typeof part === 'object' && part !== null ? Object.values(part).join(':') : part,
  );
}

function defineShow(command: Command, noun: Noun, context: CommandContext): void {
  const { resource } = noun;
  addKeyArguments(
    command.command('show').description(`everything that is known of one ${resource.words[0]}`),
    resource,
  ).action(async (...given: unknown[]) => {
    const { words } = splitArguments(noun, given);
    const author = await commandAuthor(context);
    const { item } = await context.withDatabase(({ write }) =>
      getItem(write, resource, readKey(resource, words), author),
    );
    const width = Math.max(...Object.keys(item).map((name) => name.length));
    const lines = Object.entries(item).map(
      ([name, value]) => `${name.padEnd(width)}  ${lineOf(shown(value))}`,
    );
    context.output.result(lines.join('\n'), item);
  });
}

function lineOf(value: unknown): string {
  const text =
    value === null || value === undefined ? '-' : Array.isArray(value) ? value.join(', ') : String(value);
  return plainText(text);
}

function defineAdd(command: Command, noun: Noun, context: CommandContext): void {
  const { resource } = noun;
  const isMade = resource.key.some(({ field }) => resource.fields[field]?.kind === 'read-only');
  const add = command.command('add').description(`make a ${resource.words[0]}`);
  if (!isMade) addKeyArguments(add, resource);
  addFieldOptions(add, resource, { isNew: true })
    .option('--dry-run', 'check everything and keep nothing')
    .action(async (...given: unknown[]) => {
      const { words, options } = isMade
        ? { words: [], options: given[0] as Record<string, string | boolean> }
        : splitArguments(noun, given);
      const item = { ...readFieldOptions(resource, options), ...(isMade ? {} : readKey(resource, words)) };
      checkShape(resource, item);
      await write(context, noun, { item, mode: 'create', isDry: options['dryRun'] === true });
    });
}

function defineSet(command: Command, noun: Noun, context: CommandContext): void {
  const { resource } = noun;
  const set = addKeyArguments(
    command.command('set').description(`change a ${resource.words[0]}; what is not named stays`),
    resource,
  );
  addFieldOptions(set, resource)
    .option('--dry-run', 'check everything and keep nothing')
    .action(async (...given: unknown[]) => {
      const { words, options } = splitArguments(noun, given);
      const item = { ...readFieldOptions(resource, options), ...readKey(resource, words) };
      checkShape(resource, item);
      await write(context, noun, { item, mode: 'patch', isDry: options['dryRun'] === true });
    });
}

async function write(
  context: CommandContext,
  { resource }: Noun,
  { item, mode, isDry }: { item: Item; mode: 'create' | 'patch'; isDry: boolean },
): Promise<void> {
  const author = await commandAuthor(context);
  const { stored, shown: told } = await context.withDatabase(({ write: pool }) =>
    writeItem(pool, resource, item, { author, mode, dryRun: isDry }),
  );
  const name = resource.key.map(({ field }) => String(stored.item[field])).join(' ');
  const words = `${isDry ? 'would have ' : ''}${mode === 'create' ? 'added' : 'changed'}`;
  context.output.result(`${words} ${resource.words[0]} ${name}`, { ...stored.item, ...told });
}

function defineRemove(command: Command, noun: Noun, context: CommandContext): void {
  const { resource } = noun;
  addKeyArguments(command.command('remove').description(`remove a ${resource.words[0]}`), resource)
    .option('--dry-run', 'check everything and keep nothing')
    .action(async (...given: unknown[]) => {
      const { words, options } = splitArguments(noun, given);
      const author = await commandAuthor(context);
      const key = readKey(resource, words);
      const dryRun = options['dryRun'] === true;
      await context.withDatabase(({ write: pool }) => removeItem(pool, resource, key, { author, dryRun }));
      context.output.result(
        `${dryRun ? 'would have removed' : 'removed'} ${resource.words[0]} ${words.join(' ')}`,
        key,
      );
    });
}
