import { createClock } from '../../../../../libs/clock/clock.ts';
import { messageOf } from '../../../../../libs/errors/coded-error.ts';
import { schemeOf } from '../../../../../libs/http/scheme.ts';
import type { CommandContext } from '../../../command-context.ts';
import { createAges } from './age.ts';
import { createBackoff } from './backoff.ts';
import { serviceDestination } from './destination.ts';
import { createFileExpiry } from './expiry.ts';
import { addressOf } from './service-address.ts';
import { journalOf, type Spool, tellOnce } from './spool.ts';
import { importSpool, type SpoolImportOptions } from './spool-import.ts';
import type { SpoolReport } from './spool-report.ts';

/** A file that was cut for good becomes a reject after a while: FreeSWITCH may be at it. */
const CUT_MS = 60_000;

export interface Watch extends Spool {
  url: string | undefined;
}

/** Posts what comes to a folder until a signal comes. */
export async function watch(context: CommandContext, { folder, disposal, url }: Watch): Promise<void> {
  const { HTTP_HOST, CDR_PORT } = context.config;
  const address = await addressOf(
    context,
    url ?? `${schemeOf(context.config)}://${HTTP_HOST}:${CDR_PORT}/cdr`,
  );
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const journal = await journalOf({ folder, disposal }, address.url, '.switchfleet-imported');
  context.output.result(`watching ${folder}, posting to ${address.url.href}`, {
    watching: folder,
    url: address.url.href,
  });
  const clock = createClock();
  await keepLooking({
    ...{ folder, disposal, journal, clock },
    destination: serviceDestination(address, createFileExpiry(clock, context.config)),
    signal: stop.signal,
    onLeft: tellOnce(),
    onLook: (report, failure) => {
      if (failure !== undefined)
        process.stderr.write(`switchfleet: ${messageOf(failure.error)}; trying again\n`);
      tellTaken(context, report);
    },
  });
}

type Shared = 'folder' | 'disposal' | 'journal' | 'clock' | 'destination' | 'onLeft';

export interface Looking extends Pick<SpoolImportOptions, Shared> {
  signal: AbortSignal;
  /** told of what a look took, and of the error that it ended with */
  onLook: (report: SpoolReport | undefined, failure: { error: unknown } | undefined) => void;
}

/**
 * Looks every two seconds until it is told to stop. A file that is not taken is tried again later, and later still; so is
 * everything when the service is away.
 */
export async function keepLooking({ onLook, ...options }: Looking): Promise<void> {
  const { clock, signal } = options;
  const backoff = createBackoff(clock);
  const ages = createAges(clock);
  while (!signal.aborted) {
    let report: SpoolReport | undefined;
    const onProgress = (_done: number, _total: number, sofar: SpoolReport) => {
      report = sofar;
    };
    const looking = importSpool({
      ...options,
      backoff,
      ages,
      onProgress,
      cutAfterMs: CUT_MS,
      isPatient: false,
    });
    const failure = await looking.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    onLook(report, failure);
    const pause = backoff.pauseAfter({ taken: takenOf(report), isFailed: failure !== undefined });
    await clock.sleep(pause, signal).catch(() => undefined);
  }
}

function takenOf(report: SpoolReport | undefined): number {
  const { accepted = 0, rejected = 0, refused = 0 } = report ?? {};
  return accepted + rejected + refused;
}

/** What a look came to, whether it came to its end or not. */
function tellTaken(context: CommandContext, report: SpoolReport | undefined): void {
  const { accepted = 0, rejected = 0, refused = 0, expired = 0 } = report ?? {};
  if (accepted + rejected + refused + expired === 0) return;
  const left = refused + expired > 0 ? `, refused (too large) ${refused}, expired ${expired}` : '';
  context.output.result(`accepted ${accepted}, rejected ${rejected}${left}`, {
    ...{ accepted, rejected, refused, expired },
  });
}
