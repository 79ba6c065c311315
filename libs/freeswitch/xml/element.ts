import { xmlValue } from './value.ts';

/** One element of a reply, rendered: each tag on a line of its own, because FreeSWITCH drops or executes whole lines. */
export type Xml = string;

/** Renders an element; its name and attribute names are literals of ours, never data. Every value is escaped. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly Xml[] = [],
): Xml {
  let text = `<${name}`;
  for (const attribute in attributes) text += ` ${attribute}="${xmlValue(attributes[attribute] ?? '')}"`;
  return children.length === 0 ? `${text}/>\n` : `${text}>\n${children.join('')}</${name}>\n`;
}

/** Elements `<param name="…" value="…"/>` (or `variable`), in the order given. Names are checked before, or ours. */
export function pairs(name: 'param' | 'variable', values: Iterable<readonly [string, string]>): Xml[] {
  const before = `<${name} name="`;
  const rendered: Xml[] = [];
  for (const [key, value] of values) rendered.push(`${before}${key}" value="${xmlValue(value)}"/>\n`);
  return rendered;
}

/** Renders a reply. It has no prolog: FreeSWITCH drops lines with `<?`. */
export function renderDocument(section: Xml): Xml {
  return element('document', { type: 'freeswitch/xml' }, [section]);
}
