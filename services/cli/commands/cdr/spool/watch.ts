import { createClock } from '../../../../../libs/clock/clock.ts';
import { messageOf } from '../../../../../libs/errors/coded-error.ts';
import { schemeOf } from '../../../../../libs/http/scheme.ts';
import type { CommandContext } from '../../../command-context.ts';
import { serviceDestination } from './destination.ts';
import { addressOf } from './service-address.ts';
import { journalOf, type Spool, tellOnce } from './spool.ts';
import { importSpool, type SpoolReport } from './spool-import.ts';

/** A file that was cut for good becomes a reject after a while: FreeSWITCH may be at it. */
const CUT_MS = 60_000;
const LOOK_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

export interface Watch extends Spool {
  url: string | undefined;
}

/** Looks every two seconds until a signal comes; a service that does not answer is asked again later, and later still. */
export async function watch(context: CommandContext, { folder, disposal, url }: Watch): Promise<void> {
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
    cutAfterMs: CUT_MS,
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
