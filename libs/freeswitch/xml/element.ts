import { xmlValue } from './value.ts';

/** One element of a reply. Names are ours, values may be anybody's. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
}

/** Makes an element; its name and attribute names are literals of ours, never data. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly XmlElement[] = [],
): XmlElement {
  return { name, attributes, children };
}

/** Elements `<param name="…" value="…"/>` (or `variable`), in the order given. */
export function pairs(name: 'param' | 'variable', values: Iterable<readonly [string, string]>): XmlElement[] {
  return Array.from(values, ([key, value]) => element(name, { name: key, value }));
}

/**
 * Renders a reply: no prolog (FreeSWITCH drops lines with `<?`), one element a line (it drops or executes whole
 * lines), every value escaped.
 */
export function renderDocument(section: XmlElement): string {
  return render(element('document', { type: 'freeswitch/xml' }, [section]));
}

function render({ name, attributes, children }: XmlElement): string {
  let text = `<${name}`;
  for (const attribute in attributes) text += ` ${attribute}="${xmlValue(attributes[attribute] ?? '')}"`;
  if (children.length === 0) return `${text}/>\n`;
  text += '>\n';
  for (const child of children) text += render(child);
  return `${text}</${name}>\n`;
}
