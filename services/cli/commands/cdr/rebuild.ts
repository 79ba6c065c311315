import type { Command } from 'commander';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import { createReparse, publishCdrs, type Reparse } from '../../../../libs/freeswitch/cdr/reparse.ts';
import type { CdrRecord } from '../../../../libs/records/cdr-record.ts';
import { openDocument } from '../../../../libs/store/dictionary/dictionary.sql.ts';
import type { StoredDocument } from '../../../../libs/store/document-columns.ts';
import { countDocuments, type DocumentPlace, pageDocuments } from '../../../../libs/store/stored-cdr.sql.ts';
import type { CommandContext } from '../../command-context.ts';
import { createProgress } from '../../progress.ts';
import { GROUP_BYTES } from './groups.ts';
import { type Store, withStore } from './with-bus.ts';

interface RebuildOptions {
  from: string;
  to: string;
}

/** Documents that are opened and published together. */
const PAGE = { limit: 200, bytes: GROUP_BYTES };

interface RebuildReport extends Record<string, number> {
  published: number;
  unreadable: number;
}

/** `switchfleet cdr rebuild` */
export function defineRebuildCommand(cdr: Command, context: CommandContext): void {
  cdr
    .command('rebuild')
    .description(
      'read the stored documents of a time again and give them to the writer and the merger: after a fix of the parser, or a new CDR_VARIABLES',
    )
    .requiredOption(
      '--from <time>',
      'legs that began at or after this, such as 2026-11-01 or 2026-11-01T12:00:00Z (UTC)',
    )
    .requiredOption('--to <time>', 'and before this')
    .action((options: RebuildOptions) => rebuild(context, options));
}

async function rebuild(context: CommandContext, { from, to }: RebuildOptions): Promise<void> {
  const [fromUs, toUs] = [timeOf('--from', from), timeOf('--to', to)];
  if (fromUs >= toUs) throw new CodedError('value-refused', '--from must be before --to');
  const report = await withStore(context, (store) => publishAgain(store, context, { fromUs, toUs }));
  context.output.result(describe(report), report);
}

function describe({ published, unreadable }: RebuildReport): string {
  return `published ${published} documents again, ${unreadable} of them cannot be read by this release`;
}

/** @throws CodedError those of the store, after it has said how far it came and where to go on */
async function publishAgain(
  { bus, database }: Store,
  context: CommandContext,
  range: { fromUs: number; toUs: number },
): Promise<RebuildReport> {
  const reparse = createReparse(context.config);
  const progress = createProgress(process.stderr);
  const total = await countDocuments(database.read, range);
  const report: RebuildReport = { published: 0, unreadable: 0 };
  let after: DocumentPlace | undefined;
  try {
    for (;;) {
      const page = await pageDocuments(database.read, { ...range, ...PAGE, after });
      if (page.length === 0) break;
      const records = await readPage(page, { database, reparse, context });
      await publishCdrs(bus, records);
      report.published += records.length;
      report.unreadable += page.length - records.length;
      progress.show(report.published + report.unreadable, total, 'documents');
      after = page.at(-1);
    }
  } catch (error) {
    if (after !== undefined) context.output.remark(`until then ${describe(report)}; ${goOnFrom(after)}`);
    throw error;
  }
  progress.end();
  return report;
}

/** What is published twice changes nothing: the whole second is enough. */
function goOnFrom({ start_us }: DocumentPlace): string {
  const second = new Date(Math.floor(start_us / 1_000_000) * 1000).toISOString().replace('.000', '');
  return `go on with --from ${second}`;
}

interface Reading extends Pick<Store, 'database'> {
  reparse: Reparse;
  context: CommandContext;
}

/** The records of the documents that can be read. */
async function readPage(
  page: readonly StoredDocument[],
  { database, reparse, context }: Reading,
): Promise<CdrRecord[]> {
  const read = page.map((stored) =>
    readAgain(database.read, stored, reparse).catch((error: unknown) => leaveAsItIs(stored, error, context)),
  );
  return (await Promise.all(read)).filter((record) => record !== undefined);
}

/** @throws CodedError when it cannot be unpacked or read any more */
async function readAgain(
  database: Store['database']['read'],
  stored: StoredDocument,
  reparse: Reparse,
): Promise<CdrRecord> {
  const { uuid, switch_name: node, received_us: receivedUs } = stored;
  const body = await openDocument(database, stored);
  const read = reparse({ body, uuid, node, receivedUs, isHistory: true });
  if ('ok' in read) return read.ok;
  throw new CodedError(read.reject.reason, read.reject.detail);
}

/** One that cannot be read is named, and the others go on. @throws any error that is not about the document */
function leaveAsItIs({ uuid }: StoredDocument, error: unknown, { output }: CommandContext): undefined {
  if (!(error instanceof CodedError)) throw error;
  output.remark(`leg ${uuid} stays as it is: ${error.message} (${error.code})`);
}

function timeOf(option: string, text: string): number {
  const ms = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  // The 31st of February is the 3rd of March to Date.parse.
  if (Number.isNaN(ms) || new Date(ms).getUTCDate() !== Number(text.slice(8, 10))) {
    throw new CodedError(
      'value-refused',
      `${option} ${JSON.stringify(text)} must look like 2026-11-01 or 2026-11-01T12:00:00Z`,
    );
  }
  return ms * 1000;
}
