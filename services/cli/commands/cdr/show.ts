import type { Command } from 'commander';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import { readDocument } from '../../../../libs/freeswitch/cdr/parse-cdr.ts';
import { openDocument } from '../../../../libs/store/dictionary/dictionary.sql.ts';
import { chooseDocument } from '../../../../libs/store/document-choice.ts';
import { findDocuments } from '../../../../libs/store/leg-documents.sql.ts';
import { toInstant } from '../../../../libs/store/search/instant.ts';
import type { CommandContext } from '../../command-context.ts';
import { momentOf } from '../moment.ts';

interface ShowOptions {
  format?: string;
  start?: string;
}

/** `switchfleet cdr show` */
export function defineShowCommand(cdr: Command, context: CommandContext): void {
  cdr
    .command('show')
    .description("print a leg's CDR as FreeSWITCH made it, byte for byte; with --json the decoded document")
    .argument('<uuid>', 'of the leg')
    .option(
      '--format <format>',
      'xml or json: where the leg has both (by default the one that its row was made of)',
    )
    .option(
      '--start <time>',
      'when the leg began, to two seconds: where several legs have this uuid (the latest by default)',
    )
    .action((uuid: string, options: ShowOptions) => show(context, uuid, options));
}

async function show(context: CommandContext, uuid: string, options: ShowOptions): Promise<void> {
  const startUs = options.start === undefined ? undefined : momentOf('start', options.start);
  const found = await context.withDatabase(async ({ read }) => {
    const documents = await findDocuments(read, { uuid });
    const chosen = chooseDocument(documents, { format: options.format, startUs });
    return chosen && { ...chosen, bytes: await openDocument(read, chosen.document) };
  });
  if (found === undefined) {
    throw new CodedError(
      'document-not-found',
      `there is no document of leg ${uuid}: never seen, or its time is over`,
    );
  }
  const { document, bytes } = found;
  const decoded = readDocument(document.format, bytes);
  const others = found.otherStartsUs.map(toInstant);
  const start = toInstant(document.leg_start_us);
  context.output.raw(bytes, { format: document.format, ...decoded, start, other_starts: others });
  if (others.length > 0)
    context.output.remark(
      `this is the leg that began at ${start}; others have its uuid: ${others.map((other) => `--start ${other}`).join(', ')}`,
    );
}
