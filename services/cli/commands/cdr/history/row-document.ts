import type { HistoryMap } from './history-map.ts';
import type { HistoryRow } from './placed-row.ts';
import { fieldsOf, textOf } from './row-fields.ts';
import type { Zone } from './timestamp.ts';

export interface RowOptions {
  map: HistoryMap;
  /** switchname of the server whose history it is, where the row does not say */
  node: string | undefined;
  /** of times without one */
  zone: Zone;
}

/** What a row can be read from. */
export interface RowDocuments {
  /** the best first: documents of FreeSWITCH in it, then one made of its columns */
  bodies: Buffer[];
  /** why the one made of its columns names no leg */
  flaw: string | undefined;
  /** the leg and the server that its columns name */
  uuid: string | undefined;
  node: string | undefined;
}

/** Fields of the caller profile; everything else is a variable. */
const PROFILE = ['uuid', 'caller_id_name', 'caller_id_number', 'destination_number', 'context', 'ani'];

/** The bodies that a row can be read from, and what it says of itself. */
export function documentsOf(row: HistoryRow, { map, node, zone }: RowOptions): RowDocuments {
  const documents = map.documents.map((column) => textOf(row[column]).trim()).filter((text) => text !== '');
  const { fields, flaw } = fieldsOf(row, map, zone);
  const { switchname = node ?? '', ...variables } = fields;
  const made = makeDocument(row, switchname, flaw === undefined ? variables : {});
  return {
    bodies: [...documents, made].map((text) => Buffer.from(text)),
    flaw,
    uuid: fields['uuid'],
    node: switchname === '' ? undefined : switchname,
  };
}

/**
 * A JSON CDR as mod_json_cdr would have posted it, with what the row says: so a history goes the same way as every other
 * CDR. The same row gives the same bytes; the row itself is kept in it whole.
 */
function makeDocument(
  row: HistoryRow,
  switchname: string,
  variables: Readonly<Record<string, string>>,
): string {
  const profile = Object.fromEntries(
    PROFILE.flatMap((name) => (variables[name] === undefined ? [] : [[name, variables[name]]])),
  );
  return JSON.stringify({
    'core-uuid': '',
    switchname,
    variables,
    callflow: [{ caller_profile: profile, times: {} }],
    imported_row: row,
  });
}
