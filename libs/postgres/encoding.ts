import type pg from 'pg';
import { CodedError } from '../errors/coded-error.ts';

/** What names of people and of files are written in: another encoding of the database refuses letters, or counts their bytes. */
export const ENCODING = 'UTF8';

/**
 * Refuses a database of another encoding before anything is in it; none can be changed afterwards. A server that was made without a
 * locale, as in many containers, makes databases of SQL_ASCII.
 * @throws CodedError `database-not-utf8`
 */
export async function requireUtf8(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ encoding: string }>(
    `select current_setting('server_encoding') as encoding`,
  );
  const encoding = rows[0]?.encoding;
  if (encoding === ENCODING) return;
  throw new CodedError(
    'database-not-utf8',
    `the database is encoded in ${encoding}: make it anew, by createdb --encoding=UTF8 --template=template0`,
  );
}
