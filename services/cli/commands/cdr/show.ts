import type { Command } from 'commander';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import { readDocument } from '../../../../libs/freeswitch/cdr/parse-cdr.ts';
import { openDocument } from '../../../../libs/store/dictionary/dictionary.sql.ts';
import { findDocuments } from '../../../../libs/store/stored-cdr.sql.ts';
import type { CommandContext } from '../../command-context.ts';

interface ShowOptions {
  format?: string;
}

/** `switchfleet cdr show` */
export function defineShowCommand(cdr: Command, context: CommandContext): void {
  cdr
    .command('show')
    .description("print a leg's CDR as FreeSWITCH made it, byte for byte; with --json the decoded document")
    .argument('<uuid>', 'of the leg')
    .option('--format <format>', 'xml or json: where the leg has both (xml by default)')
    .action((uuid: string, options: ShowOptions) => show(context, uuid, options));
}

async function show(context: CommandContext, uuid: string, { format }: ShowOptions): Promise<void> {
  const found = await context.withDatabase(async ({ read }) => {
    const documents = await findDocuments(read, uuid);
    const wanted = documents.find((document) => format === undefined || document.format === format);
    return wanted && { format: wanted.format, bytes: await openDocument(read, wanted) };
  });
  if (found === undefined) {
    throw new CodedError(
      'document-not-found',
      `there is no document of leg ${uuid}: never seen, or its time is over`,
    );
  }
  const decoded = readDocument(found.format, found.bytes);
  context.output.raw(found.bytes, { format: found.format, ...decoded });
}
