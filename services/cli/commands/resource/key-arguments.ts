import { Argument, type Command } from 'commander';
import type { Resource } from '../../../../libs/provisioning/resource/resource.ts';
import { splitAddress } from '../entry-options.ts';

/**
 * Arguments that name one, in the order of its path. What is of a domain is named as an address, as `user add` names it, or by
 * its domain and its own name apart; what has a default may be left out.
 */
export function addKeyArguments(command: Command, { key, fields }: Resource): Command {
  const own = ownName({ key });
  for (const [index, { field }] of key.entries()) {
    const { schema, default: usual } = fields[field] ?? {};
    const words = (schema as { description?: string } | undefined)?.description ?? '';
    if (own === undefined)
      command.addArgument(
        new Argument(usual === undefined || index === 0 ? `<${field}>` : `[${field}]`, words),
      );
    else if (index === 0)
      command.addArgument(new Argument(`<${own}@domain>`, `or the domain, and ${own} after it`));
    else command.addArgument(new Argument(`[${own}]`, 'where the domain stands alone'));
  }
  return command;
}

/** What the arguments name, one word for each part of the key; undefined: left out. @throws CodedError `value-refused` */
export function keyWords({ key, fields }: Resource, given: readonly unknown[]): string[] {
  const own = ownName({ key });
  const [first, second] = given;
  if (own !== undefined && second === undefined) {
    const { name, domain } = splitAddress(String(first), `${own}@sip.example.com`);
    return [domain, name];
  }
  return key.map(({ field }, index) => String(given[index] ?? fields[field]?.default ?? ''));
}

/** The field that names an entry within its domain; undefined: it is not of a domain, or named otherwise. */
function ownName({ key: [first, second] }: Pick<Resource, 'key'>): string | undefined {
  return first?.field === 'domain' ? second?.field : undefined;
}
