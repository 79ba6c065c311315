import type { Clock } from '../../../../../libs/clock/clock.ts';
import type { Config } from '../../../../../libs/config/config.ts';
import { createReparse } from '../../../../../libs/freeswitch/cdr/reparse.ts';
import { isExpired, retentionAt } from '../../../../../libs/store/cdr-retention.ts';
import type { ReadFile } from './spooled-file.ts';

/** Whether the writer would drop what began at `startUs`: it is published then, and stored nowhere. */
export type Expiry = (startUs: number) => boolean;

type RetentionConfig = Pick<Config, 'CDR_RETENTION_MONTHS' | 'CDR_DOCUMENT_RETENTION_DAYS'>;

/** The writer's rule, with the configuration of this process: the writer's own may differ. */
export function createExpiry(clock: Clock, config: RetentionConfig): Expiry {
  return (startUs) => isExpired(startUs, retentionAt(clock.nowUs(), config).cdrFromUs);
}

/** The same rule for files: one that cannot be read as a CDR is never past it. */
export function createFileExpiry(
  clock: Clock,
  config: RetentionConfig & Pick<Config, 'CDR_VARIABLES'>,
): (file: ReadFile) => boolean {
  const isPast = createExpiry(clock, config);
  const reparse = createReparse(config);
  return ({ body, uuid }) => {
    const read = reparse({ body, uuid, receivedUs: clock.nowUs() });
    return 'ok' in read && isPast(read.ok.cdr.start_us);
  };
}
