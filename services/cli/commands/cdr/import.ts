import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { createClock } from '../../../../libs/clock/clock.ts';
import { makeFolder } from '../../../../libs/disk/folder.ts';
import { CodedError, messageOf } from '../../../../libs/errors/coded-error.ts';
import { schemeOf } from '../../../../libs/http/scheme.ts';
import type { CommandContext } from '../../command-context.ts';
import { createProgress } from '../../progress.ts';
import { type HistoryOptions, importHistory } from './history/history-import.ts';
import {
  type Destination,
  type ServiceAddress,
  serviceDestination,
  storeDestination,
} from './spool/destination.ts';
import type { Disposal } from './spool/disposal.ts';
import { createJournal, type Journal, openJournal } from './spool/journal.ts';
import { importSpool, type SpoolImportOptions, type SpoolReport } from './spool/spool-import.ts';
import { withStore } from './with-bus.ts';

interface ImportOptions extends HistoryOptions {
  delete?: boolean;
  moveTo?: string;
  watch?: boolean;
  url?: string;
}

/** A file that was cut for good becomes a reject: at once when a person imports, after a while for the shipper. */
const CUT_MS = 2_000;
const CUT_WATCHED_MS = 60_000;
const LOOK_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/** `switchfleet cdr import` */
export function defineImportCommand(cdr: Command, context: CommandContext): void {
  cdr
    .command('import')
    .description('store what FreeSWITCH left in err-log-dir or log-dir, or the history of another system')
    .argument('[folder]', 'with *.cdr.xml and *.cdr.json files in any encoding')
    .option('--delete', 'delete each file once it is durable')
    .option('--move-to <folder>', 'move each file there once it is durable')
    .option('--watch', 'go on, and post new files to service cdr: the shipper of one FreeSWITCH server')
    .option(
      '--url <url>',
      'post to this service cdr, with FREESWITCH_USERNAME and FREESWITCH_PASSWORD; without it (and --watch) the store is written to over the bus',
    )
    .option('--csv <file>', 'a CSV file instead of a folder')
    .option('--postgres <url>', 'a table of another PostgreSQL instead of a folder')
    .option('--table <name>', 'with --postgres: the table or view, such as v_xml_cdr')
    .option(
      '--map <map>',
      'with --csv and --postgres: fusionpbx, mod_cdr_pg_csv, mod_cdr_csv, or a JSON file',
    )
    .option(
      '--node <switchname>',
      'with --csv and --postgres: the server whose history it is, where the rows do not say',
    )
    .option(
      '--time-zone <zone>',
      'with --csv and --postgres: of times without a zone, such as Europe/Berlin',
      'UTC',
    )
    .action((folder: string | undefined, options: ImportOptions) => run(context, folder, options));
}

async function run(
  context: CommandContext,
  folder: string | undefined,
  options: ImportOptions,
): Promise<void> {
  const sources = [folder, options.csv, options.postgres].filter((source) => source !== undefined);
  if (sources.length !== 1) throw new CodedError('value-refused', 'name a folder, or --csv, or --postgres');
  if (folder === undefined) return importHistory(context, options);
  await requireFolder(folder);
  const disposal = await disposalOf(folder, options);
  if (options.watch === true) return watch(context, { folder: resolve(folder), disposal, url: options.url });
  const address = options.url === undefined ? undefined : await addressOf(context, options.url);
  const spool = { folder: resolve(folder), disposal };
  const report = await withDestination(context, address, async (destination) => {
    // The store itself knows what it has; a service does not, so a run that was cut short goes on by a journal.
    const journal =
      address === undefined ? createJournal() : await journalOf(spool, address.url, '.switchfleet-importing');
    return once({ ...spool, journal }, destination);
  });
  context.output.result(describe(report), { ...report });
}

async function withDestination<T>(
  context: CommandContext,
  address: ServiceAddress | undefined,
  work: (destination: Destination) => Promise<T>,
): Promise<T> {
  if (address !== undefined) return work(serviceDestination(address));
  return withStore(context, (store) => work(storeDestination(store, context.config)));
}

interface Spool {
  folder: string;
  disposal: Disposal;
}

async function once(spool: Spool & { journal: Journal }, destination: Destination): Promise<SpoolReport> {
  const progress = createProgress(process.stderr);
  let latest: SpoolReport | undefined;
  const report = await importSpool({
    ...spool,
    clock: createClock(),
    destination,
    cutAfterMs: CUT_MS,
    isPatient: true,
    onProgress: (done, total, sofar) => {
      latest = sofar;
      progress.show(done, total, describe(sofar));
    },
    onLeft: tellOnce(),
  }).catch((error: unknown) => {
    if (latest !== undefined) process.stderr.write(`switchfleet: until then ${describe(latest)}\n`);
    throw error;
  });
  progress.end();
  await spool.journal.forget();
  return report;
}

async function journalOf({ folder, disposal }: Spool, url: URL, name: string): Promise<Journal> {
  const isLeaving = disposal.kind === 'leave';
  const onReadOnly = () => {
    process.stderr.write(
      `switchfleet: ${folder} cannot be written to: the next run looks at all its files again\n`,
    );
  };
  return openJournal({ folder, name, url, isLeaving, onReadOnly });
}

interface Watch extends Spool {
  url: string | undefined;
}

/** Looks every two seconds until a signal comes; a service that does not answer is asked again later, and later still. */
async function watch(context: CommandContext, { folder, disposal, url }: Watch): Promise<void> {
  const { HTTP_HOST, CDR_PORT } = context.config;
  const address = await addressOf(
    context,
    url ?? `${schemeOf(context.config)}://${HTTP_HOST}:${CDR_PORT}/cdr`,
  );
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const clock = createClock();
  let latest: SpoolReport | undefined;
  const options = {
    folder,
    disposal,
    clock,
    journal: await journalOf({ folder, disposal }, address.url, '.switchfleet-imported'),
    destination: serviceDestination(address),
    cutAfterMs: CUT_WATCHED_MS,
    isPatient: false,
    signal: stop.signal,
    onProgress: (_done: number, _total: number, sofar: SpoolReport) => {
      latest = sofar;
    },
    onLeft: tellOnce(),
  };
  context.output.result(`watching ${folder}, posting to ${address.url.href}`, {
    watching: folder,
    url: address.url.href,
  });
  for (let failures = 0; !stop.signal.aborted; ) {
    latest = undefined;
    try {
      await importSpool(options);
      failures = 0;
    } catch (error) {
      failures += 1;
      process.stderr.write(`switchfleet: ${messageOf(error)}; trying again\n`);
    }
    tellTaken(context, latest);
    const pause = Math.min(LONGEST_PAUSE_MS, LOOK_MS * 2 ** Math.min(failures, 10));
    await clock.sleep(pause, stop.signal).catch(() => undefined);
  }
}

/** What a look took, whether it came to its end or not. */
function tellTaken(context: CommandContext, report: SpoolReport | undefined): void {
  const { accepted = 0, rejected = 0 } = report ?? {};
  if (accepted + rejected > 0)
    context.output.result(`accepted ${accepted}, rejected ${rejected}`, { accepted, rejected });
}

/** A file that stays is met again at every look. */
function tellOnce(): SpoolImportOptions['onLeft'] {
  const told = new Set<string>();
  return ({ name }, why) => {
    if (told.has(name)) return;
    told.add(name);
    process.stderr.write(`switchfleet: ${name} stays where it is: ${why}\n`);
  };
}

async function addressOf(context: CommandContext, text: string): Promise<ServiceAddress> {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new CodedError(
      'value-refused',
      `--url ${JSON.stringify(text.replace(/\/\/.*@/, '//…@'))} must look like http://127.0.0.1:3102/cdr`,
    );
  }
  const { FREESWITCH_USERNAME: username, FREESWITCH_PASSWORD: given } = context.config;
  const password = given ?? (await context.standaloneFreeswitchPassword());
  if (password === undefined)
    throw new CodedError('credential-missing', 'environment variable FREESWITCH_PASSWORD must be set');
  return { url, username, password };
}

async function disposalOf(folder: string, { delete: isDeleted, moveTo }: ImportOptions): Promise<Disposal> {
  if (isDeleted === true && moveTo !== undefined)
    throw new CodedError('value-refused', '--delete and --move-to exclude each other');
  if (moveTo === undefined) return isDeleted === true ? { kind: 'delete' } : { kind: 'leave' };
  await makeFolder(moveTo);
  const [from, to] = await Promise.all([realpath(folder), realpath(moveTo)]);
  if (from === to) throw new CodedError('value-refused', '--move-to names the folder that is imported');
  return { kind: 'move', folder: resolve(moveTo) };
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new CodedError('folder-not-found', `there is no folder ${folder}`);
}

function describe({ imported, duplicate, accepted, rejected, incomplete, refused }: SpoolReport): string {
  const taken = accepted > 0 ? `accepted by the service ${accepted}` : `imported ${imported}`;
  const tooLarge = refused > 0 ? `, too large ${refused}` : '';
  return `${taken}, duplicate ${duplicate}, rejected ${rejected}, incomplete ${incomplete}${tooLarge}`;
}
