import type { Command } from 'commander';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import { readCell } from '../../../../libs/provisioning/bulk/csv-cell.ts';
import { createRowRules } from '../../../../libs/provisioning/bulk/row-rules.ts';
import { refuse } from '../../../../libs/provisioning/resource/refusal.ts';
import type { Field, Item, Json, Resource } from '../../../../libs/provisioning/resource/resource.ts';

/** `max_channels` → `--max-channels`. */
const optionOf = (name: string) => name.replaceAll('_', '-');
/** As commander names the value: `max-channels` → `maxChannels`. */
const valueNameOf = (name: string) =>
  name.replace(/_(\w)/g, (_whole, letter: string) => letter.toUpperCase());

function changeable({ fields, key }: Resource): [string, Field][] {
  return Object.entries(fields).filter(
    ([name, { kind }]) => kind !== 'read-only' && !key.some(({ field }) => field === name),
  );
}

/** One option a field, each with a value as a cell of an import has it; what a new one needs says so. */
export function addFieldOptions(command: Command, resource: Resource, { isNew = false } = {}): Command {
  for (const [name, { schema, isRequired }] of changeable(resource)) {
    const { description, anyOf } = schema as { description?: string; anyOf?: { description?: string }[] };
    const words = description ?? anyOf?.find((part) => part.description !== undefined)?.description;
    const needed = isNew && isRequired ? ' (needed)' : '';
    command.option(`--${optionOf(name)} <value>`, `${words ?? name.replaceAll('_', ' ')}${needed}`);
  }
  return command;
}

/** What the options say. An empty value is what the field has when nothing is given. @throws CodedError `value-refused` */
export function readFieldOptions(resource: Resource, options: Readonly<Record<string, unknown>>): Item {
  const item: Record<string, Json> = {};
  for (const [name, field] of changeable(resource)) {
    const given = options[valueNameOf(name)];
    const value = typeof given === 'string' ? readCell(given, field) : undefined;
    if (value !== undefined) item[name] = value;
  }
  return item;
}

/** The key that arguments name, with their types. @throws CodedError `value-refused` */
export function readKey({ key, fields }: Resource, words: readonly string[]): Item {
  return Object.fromEntries(
    key.map(({ field: name }, index) => {
      const field = fields[name];
      const value = field === undefined ? undefined : readCell(words[index] ?? '', field);
      if (value !== undefined) return [name, value];
      throw new CodedError('value-refused', `${name} is missing`, { details: { field: name } });
    }),
  );
}

/** What the schema says against values that were typed. @throws CodedError `value-refused` */
export function checkShape(resource: Resource, item: Item): void {
  const refusals = createRowRules(resource)(item);
  if (refusals.length > 0) throw refuse(...refusals);
}
