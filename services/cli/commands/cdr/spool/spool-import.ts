import type { Clock } from '../../../../../libs/clock/clock.ts';
import { CodedError, messageOf } from '../../../../../libs/errors/coded-error.ts';
import { decodeBody } from '../../../../../libs/freeswitch/cdr/cdr-body.ts';
import { readDocument } from '../../../../../libs/freeswitch/cdr/parse-cdr.ts';
import type { Backoff } from './backoff.ts';
import type { Destination, Outcome } from './destination.ts';
import { type Disposal, dispose } from './disposal.ts';
import type { Journal, Kept } from './journal.ts';
import { emptyReport, type SpoolReport } from './spool-report.ts';
import {
  findFiles,
  lookAt,
  type OnLeft,
  type ReadFile,
  readUnchanged,
  type SpooledFile,
} from './spooled-file.ts';

export interface SpoolImportOptions {
  folder: string;
  disposal: Disposal;
  destination: Destination;
  journal: Journal;
  /** which files wait after a post that failed, and is told of those that fail; without it none waits */
  backoff?: Pick<Backoff, 'isDue' | 'failed'>;
  clock: Clock;
  /** how long a file that holds no closed document is waited for until it is kept as a reject, ms */
  cutAfterMs: number;
  onProgress: (done: number, total: number, report: SpoolReport) => void;
  /** whether to wait for files that were written just now, as long as they need to be known as whole */
  isPatient: boolean;
  /** told of each file that nobody takes as it is */
  onLeft: OnLeft;
  signal?: AbortSignal;
}

/** FreeSWITCH writes without rename: what changed later than this ago may be half a file. */
const SETTLED_MS = 2_000;
/** Files that are read, looked up and published together. */
const TOGETHER = 64;
const TOGETHER_BYTES = 8 * 1024 * 1024;
/** So many groups, one after another, of which nothing is taken: the service is away. */
const AWAY_GROUPS = 3;

/**
 * Imports what lies in a folder, once. A file is deleted or moved only after its closed document is durable; what was
 * not closed stays.
 * @throws CodedError of the destination, in the end when it took others: one file that it does not take holds up none
 *   behind it. The files that are durable are noted, and the next run goes on there
 */
export async function importSpool(options: SpoolImportOptions): Promise<SpoolReport> {
  const { folder, disposal, journal, backoff, onProgress, onLeft } = options;
  const report = emptyReport();
  const files: SpooledFile[] = [];
  const except = disposal.kind === 'move' ? disposal.folder : undefined;
  for await (const file of findFiles({ folder, except, onLeft })) files.push(file);
  const left = files.filter((file) => !journal.has(file));
  report.duplicate = files.length - left.length;
  const fresh = left.filter((file) => backoff?.isDue(file) ?? true);
  let done = report.duplicate;
  const importAll = async (some: readonly SpooledFile[]) => {
    let failure: CodedError | undefined;
    let away = 0;
    for (const group of groupsOf(some)) {
      if (options.signal?.aborted) return;
      const { failures, taken } = await importGroup(group, options, report);
      failure ??= failures[0];
      away = failures.length > 0 && taken === 0 ? away + 1 : 0;
      if (away === AWAY_GROUPS) break;
      done += group.length;
      onProgress(done, files.length, report);
    }
    if (failure !== undefined) throw failure;
  };
  const young = new Set(options.isPatient ? fresh.filter((file) => isYoung(file, options.clock)) : []);
  await importAll(fresh.filter((file) => !young.has(file)));
  if (young.size > 0) await options.clock.sleep(SETTLED_MS);
  await importAll(await again([...young]));
  return report;
}

/** Written so lately that it may be whole in a moment. */
function isYoung(file: SpooledFile, clock: Clock): boolean {
  return !isSettled(file, clock, SETTLED_MS) && isSettled(file, clock, -SETTLED_MS);
}

/** The same files as they stand now. */
async function again(files: readonly SpooledFile[]): Promise<SpooledFile[]> {
  const found = await Promise.all(
    files.map(async (file) => {
      const now = await lookAt(file.path);
      return now === undefined ? [] : [{ ...now, name: file.name }];
    }),
  );
  return found.flat();
}

function* groupsOf(files: readonly SpooledFile[]): Generator<SpooledFile[]> {
  let group: SpooledFile[] = [];
  let bytes = 0;
  for (const file of files) {
    if (group.length > 0 && (group.length >= TOGETHER || bytes + file.size > TOGETHER_BYTES)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(file);
    bytes += file.size;
  }
  if (group.length > 0) yield group;
}

interface GroupResult {
  failures: CodedError[];
  /** files of which the destination said what became of them */
  taken: number;
}

async function importGroup(
  group: readonly SpooledFile[],
  options: SpoolImportOptions,
  report: SpoolReport,
): Promise<GroupResult> {
  const { destination, journal, clock, cutAfterMs, onLeft } = options;
  const found = await Promise.all(group.map((file) => readUnchanged(file, onLeft)));
  const read = found.filter((file) => file !== undefined && file !== 'gone');
  const gone = found.filter((file) => file === 'gone').length;
  const closed = new Set(read.filter((file) => isSettled(file, clock, SETTLED_MS) && isClosed(file)));
  const ready = read.filter((file) => closed.has(file) || isSettled(file, clock, cutAfterMs));
  report.incomplete += group.length - ready.length - gone;
  const outcomes = await destination(ready);
  const left = { durable: [] as SpooledFile[], kept: [] as SpooledFile[] };
  for (const [at, file] of ready.entries()) {
    const outcome = outcomes[at];
    if (outcome === undefined) continue;
    if (!(outcome instanceof CodedError)) report[outcome] += 1;
    const kept = await conclude(file, { outcome, isClosed: closed.has(file) }, options);
    if (kept !== undefined) left[kept].push(file);
  }
  await journal.add(left.durable, 'durable');
  await journal.add(left.kept, 'kept');
  const failures = outcomes.filter((outcome) => outcome instanceof CodedError);
  const expired = outcomes.filter((outcome) => outcome === 'expired').length;
  return { failures, taken: outcomes.length - failures.length - expired };
}

const TOO_LARGE = 'the service does not take so large a CDR';
const EXPIRED =
  'it is of before the months that CDR_RETENTION_MONTHS keeps, and would be stored nowhere: raise that first, for the writer and here';

/** Does with a file what its outcome asks for. Gives how it is noted, if it is. */
async function conclude(
  file: ReadFile,
  { outcome, isClosed }: { outcome: Outcome | CodedError; isClosed: boolean },
  options: SpoolImportOptions,
): Promise<Kept | undefined> {
  const { backoff, disposal, journal, onLeft } = options;
  if (outcome instanceof CodedError) return void backoff?.failed(file);
  if (outcome === 'expired') {
    onLeft(file, EXPIRED);
    return void journal.skip(file);
  }
  if (outcome === 'refused') onLeft(file, TOO_LARGE);
  if (outcome === 'refused' || !isClosed) return 'kept';
  if (disposal.kind === 'leave') return 'durable';
  if (!(await disposeOrTell(file, options))) journal.skip(file);
  return undefined;
}

/** A file that cannot be deleted or moved holds up none behind it. */
async function disposeOrTell(file: SpooledFile, { disposal, onLeft }: SpoolImportOptions): Promise<boolean> {
  try {
    return await dispose(file, disposal);
  } catch (error) {
    onLeft(file, `its CDR is durable, and it cannot be ${disposal.kind}d: ${messageOf(error)}`);
    return false;
  }
}

function isSettled(file: SpooledFile, clock: Clock, ms: number): boolean {
  return clock.nowUs() / 1000 - file.mtimeMs >= ms;
}

/**
 * Whether the bytes are a whole document, however it is encoded. One that breaks our parser may be whole or not: it goes to
 * the service as one that was cut does, after the same time, and stays where it is.
 */
function isClosed({ body }: ReadFile): boolean {
  try {
    const { format, document } = decodeBody(body);
    readDocument(format, document);
    return true;
  } catch {
    return false;
  }
}
