import { CodedError } from '../../errors/coded-error.ts';
import { type PackedDocument, unpackDocument } from '../document.ts';
import type { Queryable } from '../queryable.ts';
import { BUILT_IN, builtInDictionary } from './built-in.ts';

/**
 * Writes the dictionaries that come with switchfleet to the database, where documents stay readable whatever version
 * runs later.
 * @throws CodedError `dictionary-differs`: under this number other bytes are stored, and documents packed with one
 *   cannot be unpacked with the other
 */
export async function registerDictionaries(database: Queryable): Promise<void> {
  for (const { id, format } of BUILT_IN) {
    const bytes = builtInDictionary(id);
    await database.query(
      'insert into cdr_dictionaries (id, format, bytes) values ($1, $2, $3) on conflict (id) do nothing',
      [id, format, bytes],
    );
    const stored = await readDictionary(database, id);
    if (bytes !== undefined && stored?.equals(bytes)) continue;
    throw new CodedError(
      'dictionary-differs',
      `dictionary ${id} in the database is not the one of this version`,
    );
  }
}

/** Trained dictionaries are numbered from here; what is below comes with switchfleet. */
export const FIRST_TRAINED = 1_000;

/** A dictionary that was trained on a fleet's own documents. */
export interface TrainedDictionary {
  id: number;
  format: 'xml' | 'json';
  bytes: Buffer;
}

/**
 * Stores a trained dictionary under the next number, and gives that. Nothing is ever put in the place of another: the
 * documents packed with it stay readable. @throws what PostgreSQL throws when two are stored at once
 */
export async function storeDictionary(
  database: Queryable,
  { format, bytes }: Omit<TrainedDictionary, 'id'>,
): Promise<number> {
  const { rows } = await database.query<{ id: number }>(
    `insert into cdr_dictionaries (id, format, bytes)
     select greatest(max(id) + 1, $1), $2, $3 from cdr_dictionaries returning id`,
    [FIRST_TRAINED, format, bytes],
  );
  return rows[0]?.id ?? FIRST_TRAINED;
}

/** The newest trained dictionary of each format, where there is one; without the bytes of those whose number is known. */
export async function findTrained(
  database: Queryable,
  known: readonly number[],
): Promise<(Omit<TrainedDictionary, 'bytes'> & { bytes: Buffer | null })[]> {
  const { rows } = await database.query<Omit<TrainedDictionary, 'bytes'> & { bytes: Buffer | null }>(
    `select distinct on (format) id, format, case when id = any ($2::integer[]) then null else bytes end as bytes
     from cdr_dictionaries where id >= $1 order by format, id desc`,
    [FIRST_TRAINED, known],
  );
  return rows;
}

/** All dictionaries: where they are from, and how large. */
export async function listDictionaries(
  database: Queryable,
): Promise<{ id: number; format: string; bytes: number; made_at: Date }[]> {
  const { rows } = await database.query<{ id: number; format: string; bytes: number; made_at: Date }>(
    'select id, format, length(bytes) as bytes, made_at from cdr_dictionaries order by id',
  );
  return rows;
}

/** A dictionary of the database, undefined when it has none of this number. */
export async function readDictionary(database: Queryable, id: number): Promise<Buffer | undefined> {
  const { rows } = await database.query<{ bytes: Buffer }>(
    'select bytes from cdr_dictionaries where id = $1',
    [id],
  );
  return rows[0]?.bytes;
}

/** A stored document, byte for byte. @throws CodedError `dictionary-missing`, `document-damaged` */
export async function openDocument(database: Queryable, stored: PackedDocument): Promise<Buffer> {
  const { dictionary } = stored;
  if (dictionary === null) return unpackDocument(stored);
  const bytes = builtInDictionary(dictionary) ?? (await readDictionary(database, dictionary));
  return unpackDocument(stored, () => bytes);
}
