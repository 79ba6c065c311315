import type { Pool, PoolClient } from 'pg';
import { CodedError } from '../../errors/coded-error.ts';
import { isConnectionError } from '../../postgres/sql-state.ts';
import { explainViolation, type Refusal, refusalsOf } from '../resource/refusal.ts';
import type { Author, Item, Resource } from '../resource/resource.ts';
import { tryOut } from '../resource/service.ts';
import { writeItems } from '../resource/write-items.ts';
import type { ImportRow } from './import-row.ts';
import { createRowRules } from './row-rules.ts';

export interface ImportOptions {
  author: Author;
  /** keep the good rows when others cannot be; by default it is all or nothing */
  partial: boolean;
  /** keep nothing, and tell what would be */
  dryRun: boolean;
  /** told after each portion */
  onProgress?: (rows: number) => void;
}

/** What is wrong with one row. */
export interface RowError extends Refusal {
  line: number;
}

/** What became of a file. */
export interface ImportReport {
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  refused: number;
  /** whether anything was kept */
  is_kept: boolean;
  /** the first thousand */
  errors: RowError[];
  errors_left_out: number;
}

const PORTION = 500;
const MAX_ROWS = 200_000;
const MAX_ERRORS = 1_000;

/**
 * Makes or changes a thing for each row, in one transaction: other people see the whole file or nothing of it.
 * @throws CodedError `import-too-large`, `csv-invalid`, `value-refused` (the header)
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
      if (work.report.refused > 0 && !partial) throw new CodedError('import-refused', 'some rows cannot be');
    });
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'import-refused') throw error;
    return { ...work.report, is_kept: false };
  }
  return { ...work.report, is_kept: !dryRun };
}

interface GoodRow {
  line: number;
  item: Item;
}

/** One file on its way into the database. */
class Import {
  readonly report: Omit<ImportReport, 'is_kept'> = {
    ...{ rows: 0, created: 0, updated: 0, unchanged: 0, refused: 0 },
    ...{ errors: [], errors_left_out: 0 },
  };
  readonly #resource: Resource;
  readonly #options: ImportOptions;
  readonly #lines = new Map<string, number>();

  constructor(resource: Resource, options: ImportOptions) {
    this.#resource = resource;
    this.#options = options;
  }

  async run(client: PoolClient, rows: AsyncIterable<ImportRow> | Iterable<ImportRow>): Promise<void> {
    const rules = createRowRules(this.#resource);
    let portion: GoodRow[] = [];
    for await (const { line, read } of rows) {
      this.report.rows += 1;
      if (this.report.rows > MAX_ROWS) {
        throw new CodedError('import-too-large', `a file may have ${MAX_ROWS} rows: split it`);
      }
      const refusals = isRefused(read) ? read : [...rules(read), ...this.#twice(read, line)];
      if (refusals.length > 0) this.#refuse(line, refusals);
      else portion.push({ line, item: read as Item });
      if (portion.length < PORTION) continue;
      await this.#store(client, portion);
      portion = [];
    }
    if (portion.length > 0) await this.#store(client, portion);
  }

  /** A row that the database refuses fails its portion: halves are tried until it stands alone. */
  async #store(client: PoolClient, portion: readonly GoodRow[]): Promise<void> {
    const { author, onProgress } = this.#options;
    await client.query('savepoint portion');
    try {
      const items = portion.map(({ item }) => item);
      const outcomes = await writeItems(client, this.#resource, items, { author, mode: 'upsert' });
      await client.query('release savepoint portion');
      for (const [index, outcome] of outcomes.entries()) {
        if ('did' in outcome) this.report[outcome.did] += 1;
        else this.#refuse(portion[index]?.line ?? 0, outcome);
      }
      onProgress?.(this.report.rows);
    } catch (error) {
      const refusals = refusalsOf(explainViolation(error, this.#resource.words[0]));
      if (refusals === undefined || isConnectionError(error)) throw error;
      await client.query('rollback to savepoint portion');
      const middle = Math.ceil(portion.length / 2);
      if (portion.length === 1) return this.#refuse(portion[0]?.line ?? 0, refusals);
      await this.#store(client, portion.slice(0, middle));
      await this.#store(client, portion.slice(middle));
    }
  }

  #twice(item: Item, line: number): Refusal[] {
    const { key, fields } = this.#resource;
    const parts = key.map(({ field }) => item[field] ?? fields[field]?.default);
    const isNamed = parts.every((part) => part !== undefined);
    const name = JSON.stringify(parts).toLowerCase();
    const before = isNamed ? this.#lines.get(name) : undefined;
    if (isNamed) this.#lines.set(name, before ?? line);
    return before === undefined
      ? []
      : [{ field: key.at(-1)?.field ?? '', reason: `is on line ${before} as well` }];
  }

  #refuse(line: number, refusals: readonly Refusal[]): void {
    this.report.refused += 1;
    for (const refusal of refusals) {
      if (this.report.errors.length < MAX_ERRORS) this.report.errors.push({ line, ...refusal });
      else this.report.errors_left_out += 1;
    }
  }
}

function isRefused(read: ImportRow['read']): read is readonly Refusal[] {
  return Array.isArray(read);
}
