import type { Config } from '../config/config.ts';
import { FIRST_US } from './cdr-tables.ts';

/** What starts before these moments (microseconds) is past the retention of its table. */
export interface Retention {
  cdrFromUs: number;
  documentsFromUs: number;
}

const DAY_US = 86_400_000_000;

export function retentionAt(
  nowUs: number,
  config: Pick<Config, 'CDR_RETENTION_MONTHS' | 'CDR_DOCUMENT_RETENTION_DAYS'>,
): Retention {
  const month = new Date(nowUs / 1000);
  month.setUTCHours(0, 0, 0, 0);
  month.setUTCDate(1);
  month.setUTCMonth(month.getUTCMonth() - config.CDR_RETENTION_MONTHS);
  const today = Math.floor(nowUs / DAY_US) * DAY_US;
  return {
    cdrFromUs: month.getTime() * 1000,
    documentsFromUs: today - config.CDR_DOCUMENT_RETENTION_DAYS * DAY_US,
  };
}

/** Whether a leg that began at `startUs` is past the retention that begins at `fromUs`. */
export function isExpired(startUs: number, fromUs: number): boolean {
  return startUs < fromUs && startUs >= FIRST_US;
}
