import pg, { type Pool } from 'pg';
import { cancelBackend } from '../../postgres/cancellable.ts';
import { hasSqlState, SQL_STATE } from '../../postgres/sql-state.ts';
import { type Fragment, raw, render, sql } from '../fragment.ts';
import type { RowFormat, TextRow } from './row-format.ts';

export interface ExportQuestion {
  /** `calls c` or `legs l` */
  from: string;
  where: Fragment;
  orderBy: string;
  format: RowFormat;
  /** of the IANA database: how times are written */
  timeZone: string;
  /** aborts when nobody reads it any more: PostgreSQL stops at once, whatever it looks for */
  signal?: AbortSignal | undefined;
}

/** An export that is open: PostgreSQL has planned it, and nothing was read yet. */
export interface OpenExport {
  /** rows there will be; undefined when counting them takes too long */
  rows: number | undefined;
  /** rows that were read so far */
  readonly sent: number;
  /** The file in pieces of some hundred kB. Ends the export when it is through, or is left. */
  pieces(): AsyncGenerator<string>;
  close(): Promise<void>;
}

/** Counting is a service; nobody waits long for the first byte because of it. */
const COUNT_MS = 80;
const FETCH_ROWS = 1_000;
const FETCH_MS = 600_000;
/** A reader that takes nothing for this long is gone. */
const STALL_MS = 120_000;

/** Values stay the text that PostgreSQL writes. */
const AS_TEXT = { getTypeParser: () => (value: string) => value };

/**
 * Opens an export on a connection of its own (the pool's are for short questions): one snapshot, a cursor, and no more than two
 * pieces in memory at a time. The where clause keeps its parameters.
 * @throws pg.DatabaseError; the signal's reason
 */
export async function openExport(pool: Pool, question: ExportQuestion): Promise<OpenExport> {
  const client = new pg.Client({
    ...pool.options,
    application_name: 'switchfleet export',
    query_timeout: FETCH_MS,
    statement_timeout: FETCH_MS,
    idle_in_transaction_session_timeout: STALL_MS,
  });
  // A connection that is lost shows in the statement that follows.
  client.on('error', () => undefined);
  const { signal, timeZone } = question;
  let pid = 0;
  const cancel = () => void cancelBackend(pool, pid);
  const close = () => {
    // a backend of the same number that comes later is somebody else's
    signal?.removeEventListener('abort', cancel);
    return client.end().catch(() => undefined);
  };
  try {
    await client.connect();
    pid = await begin(client, timeZone);
    signal?.throwIfAborted();
    signal?.addEventListener('abort', cancel, { once: true });
    const rows = await count(client, question);
    signal?.throwIfAborted();
    await declare(client, question);
    return new CursorExport(client, question, rows, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Gives the number of the backend. */
async function begin(client: pg.Client, timeZone: string): Promise<number> {
  await client.query('begin isolation level repeatable read read only');
  const { rows } = await client.query<{ pid: number }>(
    `select pg_backend_pid() as pid, set_config('TimeZone', $1, true), set_config('DateStyle', 'ISO', true),
       set_config('cursor_tuple_fraction', '0.001', true)`,
    [timeZone],
  );
  return rows[0]?.pid ?? 0;
}

async function count(client: pg.Client, { from, where }: ExportQuestion): Promise<number | undefined> {
  await client.query(`savepoint counting; set local statement_timeout = ${COUNT_MS}`);
  try {
    const { rows } = await client.query<{ rows: string }>(
      render(sql`select count(*) as rows from ${raw(from)} where ${where}`),
    );
    return Number(rows[0]?.rows);
  } catch (error) {
    if (!hasSqlState(error, SQL_STATE.queryCanceled)) throw error;
    return undefined;
  } finally {
    await client.query('rollback to savepoint counting');
  }
}

async function declare(client: pg.Client, { from, where, orderBy, format }: ExportQuestion): Promise<void> {
  const query = sql`declare exported no scroll cursor for
    select ${raw(format.select)} from ${raw(from)} where ${where} order by ${raw(orderBy)}`;
  await client.query(render(query));
}

class CursorExport implements OpenExport {
  readonly rows: number | undefined;
  readonly close: () => Promise<void>;
  readonly #client: pg.Client;
  readonly #format: RowFormat;
  readonly #signal: AbortSignal | undefined;
  #sent = 0;

  constructor(
    client: pg.Client,
    { format, signal }: Pick<ExportQuestion, 'format' | 'signal'>,
    rows: number | undefined,
    close: () => Promise<void>,
  ) {
    this.#client = client;
    this.#format = format;
    this.#signal = signal;
    this.rows = rows;
    this.close = close;
  }

  get sent(): number {
    return this.#sent;
  }

  async *pieces(): AsyncGenerator<string> {
    const { head, line } = this.#format;
    try {
      if (head !== '') yield head;
      let fetching = this.#fetch();
      for (let batch = await fetching; batch.length > 0; batch = await fetching) {
        // PostgreSQL works on the next rows while these are written
        fetching = this.#fetch();
        fetching.catch(() => undefined);
        this.#sent += batch.length;
        yield batch.map(line).join('');
      }
    } finally {
      await this.close();
    }
  }

  async #fetch(): Promise<TextRow[]> {
    this.#signal?.throwIfAborted();
    const { rows } = await this.#client.query<(string | null)[]>({
      text: `fetch ${FETCH_ROWS} from exported`,
      rowMode: 'array',
      types: AS_TEXT,
    });
    return rows;
  }
}
