import type { Clock } from '../../../../../libs/clock/clock.ts';
import { CodedError } from '../../../../../libs/errors/coded-error.ts';
import { decodeBody } from '../../../../../libs/freeswitch/cdr/cdr-body.ts';
import { readDocument } from '../../../../../libs/freeswitch/cdr/parse-cdr.ts';
import { type GroupLimits, groupsOf } from '../groups.ts';
import { type Ages, createAges } from './age.ts';
import { type Conclusion, conclude } from './conclusion.ts';
import type { Destination } from './destination.ts';
import { emptyReport, type SpoolReport } from './spool-report.ts';
import { findFiles } from './spool-search.ts';
import {
  lookAt,
  type OnUnread,
  type ReadFile,
  readUnchanged,
  type SpooledFile,
  whyUnread,
} from './spooled-file.ts';

export interface SpoolImportOptions extends Conclusion {
  folder: string;
  destination: Destination;
  clock: Clock;
  /** what is known of files from looks before; without it nothing is */
  ages?: Ages;
  /** how long a file that holds no closed document is waited for until it is kept as a reject, ms */
  cutAfterMs: number;
  onProgress: (done: number, total: number, report: SpoolReport) => void;
  /** whether to wait for files that were written just now, as long as they need to be known as whole, and to name those that are not */
  isPatient: boolean;
  signal?: AbortSignal;
}

/** The same, for the parts of one import. */
type Importing = SpoolImportOptions & { ages: Ages; report: SpoolReport; onUnread: OnUnread };

/** FreeSWITCH writes without rename: what changed later than this ago may be half a file. */
const SETTLED_MS = 2_000;
/** A timer may be early by a millisecond. */
const SETTLING_MS = SETTLED_MS + 5;
/** Files that are read, looked up and published together. */
const FILES_TOGETHER: GroupLimits<SpooledFile> = { most: 64, bytesOf: ({ size }) => size };
/** So many groups, one after another, of which nothing is taken: the service is away. */
const AWAY_GROUPS = 3;

/**
 * Imports what lies in a folder, once. A file is deleted or moved only after its closed document is durable; what was
 * not closed stays.
 * @throws CodedError of the destination, in the end when it took others: one file that it does not take holds up none
 *   behind it. The files that are durable are noted, and the next run goes on there
 */
export async function importSpool(options: SpoolImportOptions): Promise<SpoolReport> {
  const { clock, journal, backoff, onLeft, ages = createAges(clock) } = options;
  const report = emptyReport();
  const onUnread: OnUnread = (name, why) => {
    report.incomplete += 1;
    backoff?.unread(name);
    onLeft({ name }, why);
  };
  const importing = { ...options, ages, report, onUnread };
  const files = await search(importing);
  ages.seen(files);
  const left = files.filter((file) => !journal.has(file));
  report.duplicate = files.length - left.length;
  const fresh = left.filter((file) => backoff?.isDue(file) ?? true);
  const isYoung = (file: SpooledFile) => options.isPatient && ages.ageMs(file) < SETTLED_MS;
  const young = new Set(fresh.filter(isYoung));
  const total = files.length;
  let done = report.duplicate;
  done = await importAll(
    fresh.filter((file) => !young.has(file)),
    { ...importing, done, total },
  );
  if (young.size > 0) await clock.sleep(SETTLING_MS);
  await importAll(await again([...young], onUnread), { ...importing, done, total });
  return report;
}

async function search({ folder, disposal, backoff, onUnread }: Importing): Promise<SpooledFile[]> {
  const except = disposal.kind === 'move' ? disposal.folder : undefined;
  const isDue = (name: string) => backoff?.mayRead(name) ?? true;
  const files: SpooledFile[] = [];
  for await (const file of findFiles({ folder, except, isDue, onUnread })) files.push(file);
  return files;
}

/** Imports files group by group. Gives how many are done now. @throws CodedError of the first that was not taken, in the end */
async function importAll(
  files: readonly SpooledFile[],
  importing: Importing & { done: number; total: number },
): Promise<number> {
  const { signal, report, total, onProgress } = importing;
  let { done } = importing;
  let failure: CodedError | undefined;
  let away = 0;
  for await (const group of groupsOf(files, FILES_TOGETHER)) {
    if (signal?.aborted) return done;
    const { failures, taken } = await importGroup(group, importing);
    failure ??= failures[0];
    away = failures.length > 0 && taken === 0 ? away + 1 : 0;
    if (away === AWAY_GROUPS) break;
    done += group.length;
    onProgress(done, total, report);
  }
  if (failure !== undefined) throw failure;
  return done;
}

/** The same files as they stand now. */
async function again(files: readonly SpooledFile[], onUnread: OnUnread): Promise<SpooledFile[]> {
  const found: SpooledFile[] = [];
  for (const { path, name } of files) {
    try {
      const now = await lookAt(path);
      if (now !== undefined) found.push({ ...now, name });
    } catch (error) {
      onUnread(name, whyUnread(error));
    }
  }
  return found;
}

interface GroupResult {
  failures: CodedError[];
  /** files of which the destination said what became of them */
  taken: number;
}

async function importGroup(group: readonly SpooledFile[], importing: Importing): Promise<GroupResult> {
  const { destination, journal, report } = importing;
  const { ready, closed } = await readGroup(group, importing);
  const outcomes = await destination(ready);
  const left = { durable: [] as SpooledFile[], kept: [] as SpooledFile[] };
  for (const [at, file] of ready.entries()) {
    const outcome = outcomes[at];
    if (outcome === undefined) continue;
    if (!(outcome instanceof CodedError)) report[outcome] += 1;
    const kept = await conclude(file, { outcome, isClosed: closed.has(file) }, importing);
    if (kept !== undefined) left[kept].push(file);
  }
  await journal.add(left.durable, 'durable');
  await journal.add(left.kept, 'kept');
  const failures = outcomes.filter((outcome) => outcome instanceof CodedError);
  const expired = outcomes.filter((outcome) => outcome === 'expired').length;
  return { failures, taken: outcomes.length - failures.length - expired };
}

/** The files of a group that are ready to go, and which of them are whole. The others are counted, and named to who waits for them. */
async function readGroup(
  group: readonly SpooledFile[],
  { ages, cutAfterMs, isPatient, report, onLeft, onUnread }: Importing,
): Promise<{ ready: ReadFile[]; closed: Set<ReadFile> }> {
  const found = await Promise.all(group.map((file) => readUnchanged(file, onUnread)));
  const read = found.filter((file) => typeof file !== 'string');
  const closed = new Set(read.filter((file) => ages.ageMs(file) >= SETTLED_MS && isClosed(file)));
  const ready = read.filter((file) => closed.has(file) || ages.ageMs(file) >= cutAfterMs);
  const isUnready = (file: (typeof found)[number] | undefined) =>
    typeof file === 'object' ? !ready.includes(file) : file === 'changed';
  const unready = group.filter((_file, at) => isUnready(found[at]));
  report.incomplete += unready.length;
  if (isPatient) for (const file of unready) onLeft(file, 'it is still being written to');
  return { ready, closed };
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
