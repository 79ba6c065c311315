import { createClock } from '../../../../../libs/clock/clock.ts';
import { createProgress } from '../../../progress.ts';
import type { Destination } from './destination.ts';
import type { Journal } from './journal.ts';
import { type Spool, tellOnce } from './spool.ts';
import { importSpool } from './spool-import.ts';
import { describeReport, type SpoolReport } from './spool-report.ts';

/** A file that was cut for good becomes a reject at once: a person imports. */
const CUT_MS = 2_000;

/** Imports what a folder holds, and shows how far it got; of a run that broke off it says what it had done. */
export async function importOnce(
  spool: Spool & { journal: Journal },
  destination: Destination,
): Promise<SpoolReport> {
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
      progress.show(done, total, describeReport(sofar));
    },
    onLeft: tellOnce(),
  }).catch((error: unknown) => {
    if (latest !== undefined) process.stderr.write(`switchfleet: until then ${describeReport(latest)}\n`);
    throw error;
  });
  progress.end();
  await spool.journal.forget();
  return report;
}
