import type { Xml } from '../../libs/freeswitch/xml/element.ts';
import type { DomainRow } from '../../libs/snapshot/tables/domains.ts';

/** mod_xml_curl gives up at 1 MiB (`response-max-bytes`), and so does the preprocessor; what is around a list needs little. */
const MAX_LIST_BYTES = 1024 * 1024 - 16 * 1024;

/** Who did not fit into a list: FreeSWITCH cannot be told, so people must be. */
export interface LeftOut {
  domain: string;
  users: number;
}

/** As much of a list as FreeSWITCH takes, in the order given, and how many did not fit. */
export interface FittingList {
  elements: Xml[];
  leftOut: LeftOut | undefined;
}

/** Renders entries until the list is full; those behind are counted only. */
export function fittingList<Entry>(
  domain: DomainRow,
  entries: readonly Entry[],
  render: (entry: Entry) => Xml,
): FittingList {
  const elements: Xml[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const element = render(entry);
    bytes += Buffer.byteLength(element);
    if (bytes > MAX_LIST_BYTES) break;
    elements.push(element);
  }
  const users = entries.length - elements.length;
  return { elements, leftOut: users === 0 ? undefined : { domain: domain.key, users } };
}
