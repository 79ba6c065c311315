import { readFile } from 'node:fs/promises';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { CodedError } from '../../../../../libs/errors/coded-error.ts';

const Source = Type.Union([
  Type.String(),
  Type.Object(
    {
      column: Type.String(),
      /** text as it is; seconds, milliseconds or microseconds since 1970; or a date and time */
      as: Type.Union([
        Type.Literal('text'),
        Type.Literal('epoch'),
        Type.Literal('epoch_ms'),
        Type.Literal('epoch_us'),
        Type.Literal('timestamp'),
      ]),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      column: Type.String(),
      /** what each of its values is called by FreeSWITCH; any other one is as good as empty */
      values: Type.Record(Type.String(), Type.String()),
    },
    { additionalProperties: false },
  ),
]);

/** How rows of another system become CDRs. */
export const HistoryMap = Type.Object(
  {
    description: Type.String(),
    /** columns that may hold the whole document of FreeSWITCH, XML or JSON: the best there is */
    documents: Type.Array(Type.String()),
    /** names of the columns of a CSV file that has no header line */
    header: Type.Optional(Type.Array(Type.String())),
    /** FreeSWITCH's name of a field → the column it comes from; of several the first that is not empty */
    fields: Type.Record(Type.String(), Type.Union([Source, Type.Array(Source)])),
  },
  { additionalProperties: false },
);
export type HistoryMap = Type.Static<typeof HistoryMap>;
export type ColumnSource = Type.Static<typeof Source>;

const READY = ['fusionpbx', 'mod_cdr_pg_csv', 'mod_cdr_csv'];
const FOLDER = new URL('../../../../../integrations/histories/', import.meta.url);

/** Reads a map: one that ships with switchfleet, by its name, or a JSON file like it. @throws CodedError `map-unreadable` */
export async function readHistoryMap(nameOrFile: string): Promise<HistoryMap> {
  const file = READY.includes(nameOrFile) ? new URL(`${nameOrFile}.json`, FOLDER) : nameOrFile;
  try {
    const map: unknown = JSON.parse(await readFile(file, 'utf8'));
    const [wrong] = Value.Errors(HistoryMap, map);
    if (wrong !== undefined) throw new Error(`${wrong.instancePath || 'it'} ${wrong.message}`);
    const known = map as HistoryMap;
    for (const needed of ['uuid', 'start_uepoch']) {
      if (known.fields[needed] === undefined) throw new Error(`it has no field ${needed}`);
    }
    return known;
  } catch (cause) {
    const ready = READY.join(', ');
    throw new CodedError('map-unreadable', `map ${nameOrFile} (a file, or one of ${ready}) cannot be read`, {
      cause,
    });
  }
}

/**
 * Checks that a row has what the map names a leg by.
 * @throws CodedError `map-mismatch` when it has not: every row would become a reject
 */
export function checkColumns({ fields, documents }: HistoryMap, row: Row): void {
  const wanted = [...columnsOf(fields['uuid']), ...documents];
  if (wanted.some((column) => Object.hasOwn(row, column))) return;
  const found = Object.keys(row).join(', ').slice(0, 300);
  throw new CodedError('map-mismatch', `the map wants column ${wanted.join(' or ')}, and there are ${found}`);
}

/**
 * Checks that somebody says whose history it is: --node, or a column, which a row shows to be there.
 * @throws CodedError `value-refused`: all legs would be of a server that nobody knows
 */
export function checkNode({ map, node }: { map: HistoryMap; node: string | undefined }, row?: Row): void {
  if (node !== undefined && node !== '') return;
  const columns = columnsOf(map.fields['switchname']);
  if (columns.some((column) => row === undefined || Object.hasOwn(row, column))) return;
  const why =
    columns.length === 0 ? 'the map has no switchname' : `there is no column ${columns.join(' or ')}`;
  throw new CodedError(
    'value-refused',
    `--node is missing: name the server whose history it is, since ${why}`,
  );
}

type Row = Readonly<Record<string, unknown>>;

function columnsOf(sources: ColumnSource | ColumnSource[] | undefined): string[] {
  return [sources ?? []].flat().map((source) => (typeof source === 'string' ? source : source.column));
}
