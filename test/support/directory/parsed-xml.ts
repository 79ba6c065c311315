import { XMLParser } from 'fast-xml-parser';

/** An element as another parser than ours reads it. */
export interface ParsedElement {
  name: string;
  attributes: Record<string, string>;
  children: ParsedElement[];
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  htmlEntities: true,
  trimValues: false,
});

type Ordered = Record<string, unknown> & { ':@'?: Record<string, string> };

/** The root element of a reply, with everything in order. */
export function parseXml(xml: string): ParsedElement {
  const [root] = toElements(parser.parse(xml) as Ordered[]);
  if (root === undefined) throw new Error('no element');
  return root;
}

function toElements(nodes: Ordered[]): ParsedElement[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ':@' && key !== '#text');
    if (name === undefined) return [];
    return [{ name, attributes: node[':@'] ?? {}, children: toElements(node[name] as Ordered[]) }];
  });
}

/** All elements along a path below the root: `section/domain/groups`. */
export function at({ children }: ParsedElement, path: string): ParsedElement[] {
  const [first = '', ...rest] = path.split('/');
  const found = children.filter(({ name }) => name === first);
  return rest.length === 0 ? found : found.flatMap((child) => at(child, rest.join('/')));
}

/** Every element below, the root among them. */
export function* everyElement(element: ParsedElement): Generator<ParsedElement> {
  yield element;
  for (const child of element.children) yield* everyElement(child);
}

/** `name` → `value` of params or variables. */
export function pairsOf(elements: readonly ParsedElement[]): Record<string, string> {
  return Object.fromEntries(elements.map(({ attributes }) => [attributes['name'], attributes['value']]));
}
