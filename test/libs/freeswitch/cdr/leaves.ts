import type { XmlElement } from '../../../../libs/freeswitch/cdr/xml-element.ts';

/** An element to compare. White space between elements is layout: the line scanner does not keep it. */
export function leaves(element: XmlElement): unknown {
  const { name, attributes, children, text } = element;
  return {
    name,
    attributes: [...attributes],
    children: children.map(leaves),
    text: children.length > 0 ? '' : text,
  };
}
