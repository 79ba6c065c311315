import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { createClock } from '../../../../libs/clock/clock.ts';
import { makeFolder } from '../../../../libs/disk/folder.ts';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import type { CommandContext } from '../../command-context.ts';
import { type HistoryOptions, importHistory } from './history/history-import.ts';
import { checkOptions, type ImportSource } from './import-source.ts';
import {
  type Destination,
  type ServiceAddress,
  serviceDestination,
  storeDestination,
} from './spool/destination.ts';
import type { Disposal } from './spool/disposal.ts';
import { createFileExpiry } from './spool/expiry.ts';
import { importOnce } from './spool/import-once.ts';
import { createJournal } from './spool/journal.ts';
import { addressOf } from './spool/service-address.ts';
import { journalOf } from './spool/spool.ts';
import { describeReport } from './spool/spool-report.ts';
import { isSameFolder } from './spool/spool-search.ts';
import { watch } from './spool/watch.ts';
import { withStore } from './with-bus.ts';

interface ImportOptions extends HistoryOptions {
  delete?: boolean;
  moveTo?: string;
  watch?: boolean;
  url?: string;
}

/** `switchfleet cdr import` */
export function defineImportCommand(cdr: Command, context: CommandContext): void {
  cdr
    .command('import')
    .description('store what FreeSWITCH left in err-log-dir or log-dir, or the history of another system')
    .argument('[folder]', 'with *.cdr.xml and *.cdr.json files in any encoding')
    .option('--delete', 'delete each file once it is durable (one of before CDR_RETENTION_MONTHS stays)')
    .option('--move-to <folder>', 'move each file there once it is durable; no file there is written over')
    .option('--watch', 'go on, and post new files to service cdr: the shipper of one FreeSWITCH server')
    .option(
      '--url <url>',
      'post to this service cdr, with FREESWITCH_USERNAME and FREESWITCH_PASSWORD; without it (and --watch) the store is written to over the bus',
    )
    .option('--csv <file>', 'a CSV file instead of a folder')
    .option('--postgres <url>', 'a table of another PostgreSQL instead of a folder')
    .option(
      '--table <name>',
      'with --postgres: the table or view, such as v_xml_cdr, schema.table or schema."my.table"',
    )
    .option(
      '--map <map>',
      'with --csv and --postgres: fusionpbx, mod_cdr_pg_csv, mod_cdr_csv, or a JSON file',
    )
    .option(
      '--node <switchname>',
      'with --csv and --postgres: the server whose history it is; needed where no column says',
    )
    .option(
      '--time-zone <zone>',
      'with --csv and --postgres: of times without a zone, such as Europe/Berlin',
      'UTC',
    )
    .action(async (folder: string | undefined, options: ImportOptions, command: Command) => {
      checkOptions(command, sourceOf(folder, options));
      if (folder === undefined) await importHistory(context, options);
      else await importFolder(context, folder, options);
    });
}

function sourceOf(folder: string | undefined, { csv, postgres }: ImportOptions): ImportSource {
  const sources = { folder, '--csv': csv, '--postgres': postgres };
  const named = (['folder', '--csv', '--postgres'] as const).filter((name) => sources[name] !== undefined);
  const [source, ...others] = named;
  if (source === undefined || others.length > 0)
    throw new CodedError('value-refused', 'name a folder, or --csv, or --postgres');
  return source;
}

async function importFolder(context: CommandContext, folder: string, options: ImportOptions): Promise<void> {
  await requireFolder(folder);
  const disposal = await disposalOf(folder, options);
  if (options.watch === true) return watch(context, { folder: resolve(folder), disposal, url: options.url });
  const address = options.url === undefined ? undefined : await addressOf(context, options.url);
  const spool = { folder: resolve(folder), disposal };
  const report = await withDestination(context, address, async (destination) => {
    // The store itself knows what it has; a service does not, so a run that was cut short goes on by a journal.
    const journal =
      address === undefined ? createJournal() : await journalOf(spool, address.url, '.switchfleet-importing');
    return importOnce({ ...spool, journal }, destination);
  });
  context.output.result(describeReport(report), { ...report });
}

async function withDestination<T>(
  context: CommandContext,
  address: ServiceAddress | undefined,
  work: (destination: Destination) => Promise<T>,
): Promise<T> {
  if (address !== undefined)
    return work(serviceDestination(address, createFileExpiry(createClock(), context.config)));
  return withStore(context, (store) => work(storeDestination(store, context.config)));
}

async function disposalOf(folder: string, { delete: isDeleted, moveTo }: ImportOptions): Promise<Disposal> {
  if (isDeleted === true && moveTo !== undefined)
    throw new CodedError('value-refused', '--delete and --move-to exclude each other');
  if (moveTo === undefined) return isDeleted === true ? { kind: 'delete' } : { kind: 'leave' };
  await makeFolder(moveTo);
  if (await isSameFolder(folder, moveTo))
    throw new CodedError('value-refused', '--move-to names the folder that is imported');
  return { kind: 'move', folder: resolve(moveTo) };
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new CodedError('folder-not-found', `there is no folder ${folder}`);
}
