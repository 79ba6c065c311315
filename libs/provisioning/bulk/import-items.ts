import type { Pool, PoolClient } from 'pg';
import { CodedError } from '../../errors/coded-error.ts';
import { isConnectionError } from '../../postgres/sql-state.ts';
import { checkKey } from '../resource/key.ts';
import { explainViolation, type Refusal, refusalsOf } from '../resource/refusal.ts';
import type { Author, Item, Resource } from '../resource/resource.ts';
import { tryOut } from '../resource/service.ts';
import { writeItems } from '../resource/write-items.ts';
import { type ImportReport, Tally } from './import-report.ts';
import type { ImportRow } from './import-row.ts';
import { createRowRules } from './row-rules.ts';
import { claimNames } from './staging.sql.ts';
import { type GoodRow, Staging } from './staging.ts';

export interface ImportOptions {
  author: Author;
  /** keep the good rows when others cannot be; by default it is all or nothing */
  partial: boolean;
  /** keep nothing, and tell what would be */
  dryRun: boolean;
  /** nobody waits for it any more: nothing is kept */
  signal?: AbortSignal;
  /** told after each portion */
  onProgress?: (progress: ImportProgress) => void;
}

/** How far a file is. */
export interface ImportProgress {
  stored: number;
  /** that were read; while the file is read nobody knows how many there will be */
  rows: number;
  isRead: boolean;
}

const PORTION = 500;
const MAX_ROWS = 1_000_000;

/**
 * Makes or changes a thing for each row, in one transaction: other people see the whole file or nothing of it. The file is
 * read to its end before anything is stored; memory holds a portion of it at a time.
 * @throws CodedError `import-too-large`, `csv-invalid`, `value-refused` (the header), `cancelled`
 */
export async function importItems(
  pool: Pool,
  resource: Resource,
  rows: AsyncIterable<ImportRow> | Iterable<ImportRow>,
  options: ImportOptions,
): Promise<ImportReport> {
  const work = new Import(resource, options);
  const { partial, dryRun } = options;
  try {
    await tryOut(pool, dryRun, async (client) => {
      await work.run(client, rows);
      if (work.tally.refused > 0 && !partial) throw new CodedError('import-refused', 'some rows cannot be');
    });
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'import-refused') throw error;
    return work.tally.report(false);
  }
  return work.tally.report(!dryRun);
}

/** One file on its way into the database. */
class Import {
  readonly tally = new Tally();
  readonly #resource: Resource;
  readonly #options: ImportOptions;

  constructor(resource: Resource, options: ImportOptions) {
    this.#resource = resource;
    this.#options = options;
  }

  async run(client: PoolClient, rows: AsyncIterable<ImportRow> | Iterable<ImportRow>): Promise<void> {
    const staging = await Staging.open(client);
    await this.#read(client, staging, rows);
    let stored = 0;
    for await (const portion of staging.portions()) {
      this.#options.signal?.throwIfAborted();
      await this.#store(client, portion);
      stored += portion.length;
      this.#options.onProgress?.({ stored, rows: this.tally.rows, isRead: true });
    }
    this.#options.signal?.throwIfAborted();
  }

  /** Everything that can be told of rows without what is stored already. */
  async #read(
    client: PoolClient,
    staging: Staging,
    rows: AsyncIterable<ImportRow> | Iterable<ImportRow>,
  ): Promise<void> {
    const rules = createRowRules(this.#resource);
    let portion: GoodRow[] = [];
    const flush = async () => {
      await staging.add(await this.#once(client, portion));
      portion = [];
      this.#options.onProgress?.({ stored: 0, rows: this.tally.rows, isRead: false });
    };
    for await (const { line, read } of rows) {
      this.#count();
      const refusals = isRefused(read) ? read : rules(read);
      if (refusals.length > 0) this.tally.refuse(line, refusals);
      else portion.push({ line, item: read as Item });
      if (portion.length >= PORTION) await flush();
    }
    await flush();
  }

  #count(): void {
    this.tally.rows += 1;
    if (this.tally.rows <= MAX_ROWS) return;
    throw new CodedError('import-too-large', `a file may have ${MAX_ROWS} rows: split it`);
  }

  /** Those whose name stands on no line before. */
  async #once(client: PoolClient, portion: readonly GoodRow[]): Promise<GoodRow[]> {
    const named = await this.#named(client, portion);
    const lines = named.length === 0 ? new Map<number, number>() : await claimNames(client, named);
    const field = this.#resource.key.at(-1)?.field ?? '';
    return portion.filter(({ line }) => {
      const before = lines.get(line);
      if (before !== undefined) this.tally.refuse(line, [{ field, reason: `is on line ${before} as well` }]);
      return before === undefined;
    });
  }

  /** What rows name as it will be stored: one number may be written in several ways. */
  async #named(client: PoolClient, portion: readonly GoodRow[]): Promise<{ name: string; line: number }[]> {
    const { author } = this.#options;
    const items = portion.map(({ item }) => item);
    const prepared = (await this.#resource.prepare?.(client, items, author)) ?? items;
    return portion.flatMap(({ line }, index) => {
      const item = prepared[index];
      const isItem = item !== undefined && !(item instanceof Error);
      const name = isItem ? nameOf(this.#resource, item, author) : undefined;
      return name === undefined ? [] : [{ name, line }];
    });
  }

  /** A row that the database refuses fails its portion: halves are tried until it stands alone. */
  async #store(client: PoolClient, portion: readonly GoodRow[]): Promise<void> {
    await client.query('savepoint portion');
    try {
      const items = portion.map(({ item }) => item);
      const { author } = this.#options;
      const outcomes = await writeItems(client, this.#resource, items, { author, mode: 'upsert' });
      await client.query('release savepoint portion');
      for (const [index, outcome] of outcomes.entries()) {
        if ('did' in outcome) this.tally.did[outcome.did] += 1;
        else this.tally.refuse(portion[index]?.line ?? 0, outcome);
      }
    } catch (error) {
      const refusals = refusalsOf(explainViolation(error, this.#resource.words[0]));
      if (refusals === undefined || isConnectionError(error)) throw error;
      await client.query('rollback to savepoint portion');
      const middle = Math.ceil(portion.length / 2);
      if (portion.length === 1) return this.tally.refuse(portion[0]?.line ?? 0, refusals);
      await this.#store(client, portion.slice(0, middle));
      await this.#store(client, portion.slice(middle));
    }
  }
}

/** What a row names, as one text; undefined: it does not say, or cannot be, and its rules will tell. */
function nameOf(resource: Resource, item: Item, author: Author): string | undefined {
  try {
    const checked = checkKey(resource, item, author);
    const parts = resource.key.map(({ field, isCaseless }) =>
      isCaseless ? checked[field]?.toString().toLowerCase() : checked[field],
    );
    return parts.some((part) => part === undefined) ? undefined : JSON.stringify(parts);
  } catch (error) {
    if (refusalsOf(error) === undefined) throw error;
    return undefined;
  }
}

function isRefused(read: ImportRow['read']): read is readonly Refusal[] {
  return Array.isArray(read);
}
