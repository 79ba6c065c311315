import { xmlValue } from './value.ts';

/** One element of a reply, rendered: each tag on a line of its own, because FreeSWITCH drops or executes whole lines. */
export type Xml = string;

/** Renders an element; its name and attribute names are literals of ours, never data. Every value is escaped. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly Xml[] | Xml = '',
): Xml {
  let text = `<${name}`;
  for (const attribute in attributes) text += ` ${attribute}="${xmlValue(attributes[attribute] ?? '')}"`;
  const inner = typeof children === 'string' ? children : children.join('');
  return inner === '' ? `${text}/>\n` : `${text}>\n${inner}</${name}>\n`;
}

/** A name and what it has; nothing is rendered of one without a value. */
export type OptionalPair = readonly [name: string, value: string | null | undefined];

/** Elements `<param name="…" value="…"/>` (or `variable`), in the order given. Names are checked before, or ours. */
export function pairs(name: 'param' | 'variable', values: Iterable<OptionalPair>): Xml {
  let rendered = '';
  for (const [key, value] of values) {
    if (typeof value === 'string') rendered += `<${name} name="${key}" value="${xmlValue(value)}"/>\n`;
  }
  return rendered;
}

/** Renders a reply. It has no prolog: FreeSWITCH drops lines with `<?`. */
export function renderDocument(section: Xml): Xml {
  return element('document', { type: 'freeswitch/xml' }, [section]);
}
