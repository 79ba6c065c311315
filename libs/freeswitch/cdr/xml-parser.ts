import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { CdrRejected } from './cdr-rejection.ts';
import { decodeEntities, type XmlElement } from './xml-element.ts';

const ATTRIBUTES = ':@';
const TEXT = '#text';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: 32,
});

type Node = Readonly<Record<string, unknown>>;

/**
 * Reads any well-formed XML into elements: the general case behind `scanLines`. The validator runs first, since the
 * parser alone accepts documents that are cut or crossed.
 * @throws CdrRejected `cdr-malformed`
 */
export function parseXml(document: string): XmlElement {
  const verdict = validate(document);
  if (verdict !== undefined) throw new CdrRejected('cdr-malformed', verdict);
  const roots = toElements(parse(document));
  const root = roots[0];
  if (root === undefined || roots.length > 1) {
    throw new CdrRejected('cdr-malformed', `the document has ${roots.length} root elements`);
  }
  return root;
}

function validate(document: string): string | undefined {
  try {
    const verdict = XMLValidator.validate(document);
    return verdict === true ? undefined : `${verdict.err.code} in line ${verdict.err.line}`;
  } catch (error) {
    return `the validator gave up: ${String(error)}`;
  }
}

function parse(document: string): Node[] {
  try {
    return parser.parse(document) as Node[];
  } catch (error) {
    throw new CdrRejected(
      'cdr-malformed',
      error instanceof Error ? error.message.slice(0, 200) : 'unreadable',
    );
  }
}

function toElements(nodes: readonly Node[]): XmlElement[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT);
    return name === undefined ? [] : [toElement(node, name)];
  });
}

function toElement(node: Node, name: string): XmlElement {
  const inner = node[name] as readonly Node[];
  const attributes = Object.entries((node[ATTRIBUTES] ?? {}) as Record<string, unknown>);
  return {
    name,
    attributes: attributes.map(([key, value]) => [key, decodeEntities(String(value))] as const),
    children: toElements(inner),
    text: decodeEntities(inner.map((part) => (TEXT in part ? String(part[TEXT]) : '')).join('')),
  };
}
