import type { Command } from 'commander';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import type { Database } from '../../../../libs/postgres/database.ts';
import { dictionaryOf } from '../../../../libs/store/dictionary/built-in.ts';
import {
  findTrained,
  listDictionaries,
  openDocument,
  storeDictionary,
} from '../../../../libs/store/dictionary/dictionary.sql.ts';
import { measureDictionary, trainDictionary } from '../../../../libs/store/dictionary/train.ts';
import { findLatestDocuments } from '../../../../libs/store/stored-cdr.sql.ts';
import type { CommandContext } from '../../command-context.ts';

interface TrainOptions {
  format: string;
  documents: string;
  dryRun?: boolean;
}

const COLUMNS = ['id', 'format', 'bytes', 'made_at'];
const FEWEST = 50;
const MOST = 5_000;
/** Another dictionary for less would only be one more to keep for ever. */
const WORTH = 0.97;

/** `switchfleet cdr dictionary` */
export function defineDictionaryCommand(cdr: Command, context: CommandContext): void {
  const dictionary = cdr
    .command('dictionary')
    .description('the zstd dictionaries that stored documents are packed with');
  dictionary
    .command('list')
    .description('list them: numbers below 1000 come with switchfleet')
    .action(async () => {
      const all = await context.withDatabase(({ read }) => listDictionaries(read));
      context.output.table(COLUMNS, all, (row) => ({ ...row, made_at: row.made_at.toISOString() }));
    });
  dictionary
    .command('train')
    .description(
      "make one of this fleet's latest documents, and pack with it from now on when it is better; what is stored stays readable",
    )
    .option('--format <format>', 'xml or json', 'xml')
    .option('--documents <number>', `how many to learn from and to judge by, ${FEWEST} to ${MOST}`, '1000')
    .option('--dry-run', 'say what it would save, and store nothing')
    .action((options: TrainOptions) => train(context, options));
}

async function train(context: CommandContext, options: TrainOptions): Promise<void> {
  const format = formatOf(options.format);
  const limit = Number(options.documents);
  if (!Number.isInteger(limit) || limit < FEWEST || limit > MOST)
    throw new CodedError('value-refused', `--documents must be a whole number from ${FEWEST} to ${MOST}`);
  const report = await context.withDatabase(async (database) => {
    const documents = await readDocuments(database, format, limit);
    // Every other one is not learned from: a dictionary that knows a document by heart packs it to nothing.
    const learned = documents.filter((_, at) => at % 2 === 0);
    const judges = documents.filter((_, at) => at % 2 === 1);
    const trained = trainDictionary(learned);
    const present = await presentDictionary(database, format);
    const [before, after] = [present, trained].map((bytes) => measureDictionary(bytes, judges));
    const isBetter = (after ?? 0) < (before ?? 0) * WORTH;
    const isStored = isBetter && options.dryRun !== true;
    const id = isStored ? await storeDictionary(database.write, { format, bytes: trained }) : null;
    const bytes = { before: Math.round(before ?? 0), after: Math.round(after ?? 0) };
    return { format, documents: documents.length, dictionary_bytes: trained.length, ...bytes, id };
  });
  const sizes = `${report.before} bytes a document before, ${report.after} with the trained one`;
  const outcome = report.id === null ? 'nothing was stored' : `stored as dictionary ${report.id}`;
  context.output.result(`${sizes}: ${outcome}`, report);
}

async function readDocuments({ read }: Database, format: 'xml' | 'json', limit: number): Promise<Buffer[]> {
  const stored = await findLatestDocuments(read, { format, limit });
  if (stored.length < FEWEST) {
    const message = `${stored.length} ${format} documents are stored, and ${FEWEST} are needed`;
    throw new CodedError('documents-missing', message);
  }
  const documents: Buffer[] = [];
  for (const document of stored) documents.push(await openDocument(read, document));
  return documents;
}

async function presentDictionary({ read }: Database, format: 'xml' | 'json'): Promise<Buffer | undefined> {
  const trained = (await findTrained(read, [])).find((dictionary) => dictionary.format === format);
  return trained?.bytes ?? dictionaryOf(format)?.bytes;
}

function formatOf(text: string): 'xml' | 'json' {
  if (text === 'xml' || text === 'json') return text;
  throw new CodedError('value-refused', `--format ${JSON.stringify(text)} must be xml or json`);
}
