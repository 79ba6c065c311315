import { CodedError, messageOf } from '../../../../../libs/errors/coded-error.ts';
import type { Backoff } from './backoff.ts';
import type { Outcome } from './destination.ts';
import { type Disposal, dispose } from './disposal.ts';
import type { Journal, Kept } from './journal.ts';
import type { OnLeft, ReadFile, SpooledFile } from './spooled-file.ts';

/** What a file's end asks for. */
export interface Conclusion {
  disposal: Disposal;
  journal: Journal;
  /** which files wait after a try that failed, and is told of those that fail; without it none waits */
  backoff?: Omit<Backoff, 'pauseAfter'>;
  /** told of each file that nobody takes as it is */
  onLeft: OnLeft;
}

const TOO_LARGE = 'the service does not take so large a CDR';
const EXPIRED =
  'it is of before the months that CDR_RETENTION_MONTHS keeps, and would be stored nowhere: raise that first, for the writer and here';

/** Does with a file what its outcome asks for. Gives how it is to be noted for other runs, if it is. */
export async function conclude(
  file: ReadFile,
  { outcome, isClosed }: { outcome: Outcome | CodedError; isClosed: boolean },
  options: Conclusion,
): Promise<Kept | undefined> {
  const { backoff, disposal, journal, onLeft } = options;
  if (outcome instanceof CodedError) return void backoff?.failed(file);
  // Both may be otherwise when somebody has changed a setting: the next run tries again.
  if (outcome === 'refused') {
    onLeft(file, TOO_LARGE);
    return void backoff?.refused(file);
  }
  if (outcome === 'expired') {
    onLeft(file, EXPIRED);
    return void journal.skip(file);
  }
  if (!isClosed) return 'kept';
  if (disposal.kind === 'leave') return 'durable';
  if (!(await disposeOrTell(file, options))) journal.skip(file);
  return undefined;
}

/** A file that cannot be deleted or moved holds up none behind it. */
async function disposeOrTell(file: SpooledFile, { disposal, onLeft }: Conclusion): Promise<boolean> {
  try {
    return await dispose(file, disposal);
  } catch (error) {
    onLeft(file, `its CDR is durable, and it cannot be ${disposal.kind}d: ${messageOf(error)}`);
    return false;
  }
}
