import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import { readCsvRows } from '../../../../libs/provisioning/bulk/csv-rows.ts';
import { exportCsv } from '../../../../libs/provisioning/bulk/export-csv.ts';
import { type ImportProgress, importItems } from '../../../../libs/provisioning/bulk/import-items.ts';
import type { ImportReport } from '../../../../libs/provisioning/bulk/import-report.ts';
import { readNdjsonRows } from '../../../../libs/provisioning/bulk/ndjson-rows.ts';
import { explained } from '../../../../libs/provisioning/resource/service.ts';
import type { CommandContext } from '../../command-context.ts';
import { createProgress } from '../../progress.ts';
import { commandAuthor } from './author.ts';
import type { Noun } from './nouns.ts';

interface ImportFlags {
  partial?: boolean;
  dryRun?: boolean;
}

/** `switchfleet did import FILE` and `switchfleet did export [FILE]`. */
export function defineFileCommands(command: Command, noun: Noun, context: CommandContext): void {
  const [, many] = noun.resource.words;
  command
    .command('import')
    .description(`make and change many ${many} from a CSV file (or .ndjson: one JSON object a line)`)
    .argument('<file>', 'its first line names fields; - reads standard input')
    .option('--partial', 'keep the good rows when others cannot be; by default all or nothing')
    .option('--dry-run', 'check everything and keep nothing')
    .action((file: string, flags: ImportFlags) => importFile(context, noun, { file, ...flags }));
  command
    .command('export')
    .description(`all ${many} as CSV, without secrets`)
    .argument('[file]', 'standard output without one')
    .action((file?: string) => exportFile(context, noun, file));
}

async function importFile(
  context: CommandContext,
  { resource }: Noun,
  { file, partial = false, dryRun = false }: ImportFlags & { file: string },
): Promise<void> {
  const pieces = readInput(file);
  const rows = file.endsWith('.ndjson') ? readNdjsonRows(pieces) : readCsvRows(resource, pieces);
  const progress = createProgress(process.stderr);
  const onProgress = ({ stored, rows: total, isRead }: ImportProgress) =>
    isRead ? progress.show(stored, total, 'rows stored') : progress.count(total, 'rows read');
  const author = await commandAuthor(context);
  const report = await context.withDatabase(({ write }) =>
    explained(resource, () => importItems(write, resource, rows, { author, partial, dryRun, onProgress })),
  );
  progress.end();
  context.output.result(textOf(report), { ...report });
  if (report.refused > 0 && !partial) {
    throw new CodedError('import-refused', `${report.refused} rows cannot be: nothing was stored`);
  }
}

async function* readInput(file: string): AsyncGenerator<Buffer> {
  try {
    yield* (file === '-' ? process.stdin : createReadStream(file)) as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new CodedError('file-unreadable', `cannot read ${file}`, { cause });
  }
}

function textOf(report: ImportReport): string {
  const { rows, created, updated, unchanged, refused, errors, errors_left_out: more } = report;
  return [
    ...errors.map(({ line, field, reason }) => `line ${line}: ${field === '' ? '' : `${field}: `}${reason}`),
    ...(more === 0 ? [] : [`and ${more} more`]),
    `${rows} rows: ${created} new, ${updated} changed, ${unchanged} as they were, ${refused} refused${report.is_kept ? '' : '; nothing was kept'}`,
  ].join('\n');
}

async function exportFile(
  context: CommandContext,
  { resource }: Noun,
  file: string | undefined,
): Promise<void> {
  const target = file === undefined ? undefined : await openTarget(file);
  await context.withDatabase(async ({ write }) => {
    const lines = exportCsv(write, resource, { tenant: undefined, filters: {} });
    if (target !== undefined) return pipeline(Readable.from(lines), target.createWriteStream());
    for await (const text of lines) context.output.raw(Buffer.from(text), { csv: text });
    return undefined;
  });
  if (file !== undefined) context.output.result(`wrote ${file}`, { file });
}

function openTarget(file: string): Promise<FileHandle> {
  return open(file, 'w', 0o600).catch((cause: unknown) => {
    throw new CodedError('file-not-written', `cannot write ${file}`, { cause });
  });
}
