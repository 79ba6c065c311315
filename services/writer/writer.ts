import type { BatchHandler } from '../../libs/bus/bus.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import { codeOf, messageOf } from '../../libs/errors/coded-error.ts';
import type { Database } from '../../libs/postgres/database.ts';
import { isoOf } from '../../libs/postgres/partition-range.ts';
import { applyWithoutPoison } from '../../libs/postgres/poison.ts';
import type { RetentionClock } from '../../libs/postgres/retention-clock.ts';
import { isExpired, type Retention, retentionAt } from '../../libs/store/cdr-retention.ts';
import { insertRejects, type RejectRow } from '../../libs/store/reject.sql.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import { createSummedWarning } from '../../libs/telemetry/summed-warning.ts';
import { createReader } from './delivered.ts';
import { createDocumentPacker } from './document-packer.ts';
import type { LegDocument } from './leg-documents.ts';
import { bareRow, mergeRejects, setAside } from './rejects.ts';
import { storeCdrs } from './store-batch.ts';
import type { WriterMetrics } from './writer-metrics.ts';

export interface WriterDependencies {
  config: Pick<Config, 'CDR_RETENTION_MONTHS' | 'CDR_DOCUMENT_RETENTION_DAYS'>;
  clock: Clock;
  /** by which CDRs and documents are past their retention */
  retentionClock: RetentionClock;
  logger: Logger;
  database: Database;
  metrics: WriterMetrics;
}

/**
 * Makes the handler that stores batches of CDRs and rejects. It resolves when all of a batch is stored, set aside, or
 * past its retention, and rejects when the database is away.
 */
export function createWriter({
  config,
  clock,
  retentionClock,
  logger,
  database,
  metrics,
}: WriterDependencies): BatchHandler {
  const warnOfExpired = createSummedWarning({
    logger,
    message: 'CDRs or documents were past their retention when they came, and are not stored',
  });
  const read = createReader();
  const pack = createDocumentPacker(database.write, clock, logger);

  async function keepRejects(rows: readonly RejectRow[]): Promise<void> {
    const keep = (part: readonly RejectRow[]) => insertRejects(database.write, part);
    await applyWithoutPoison(mergeRejects(rows), keep, keepBare);
    metrics.rows.inc({ table: 'cdr_rejects' }, rows.length);
  }

  /** The last resort, of which nothing can be refused: else one reject would stop its partition for ever. */
  async function keepBare({ reason, body }: RejectRow, error: unknown): Promise<void> {
    logger.error({ err: error, reason }, 'a reject cannot be stored with what was said of it: its bytes are');
    metrics.records.inc({ outcome: 'unstorable' });
    const detail = `${codeOf(error)} ${messageOf(error)}`;
    await insertRejects(database.write, [bareRow(body, detail, clock.nowUs())]);
  }

  async function store(documents: readonly LegDocument[], retention: Retention): Promise<void> {
    const stored = await storeCdrs(database.write, {
      documents,
      pack,
      retention,
      onRetry: () => metrics.retries.inc(),
    });
    metrics.rows.inc({ table: 'cdr' }, stored.rows);
    metrics.rows.inc({ table: 'cdr_documents' }, stored.documents);
    metrics.rows.inc({ table: 'cdr_rejects' }, stored.differing);
    countExpired({ cdrs: 0, documents: stored.expired }, retention);
  }

  function countExpired(
    { cdrs, documents }: { cdrs: number; documents: number },
    retention: Retention,
  ): void {
    if (cdrs + documents === 0) return;
    metrics.expired.inc({ table: 'cdr' }, cdrs);
    metrics.expired.inc({ table: 'cdr_documents' }, documents);
    warnOfExpired({ cdrs, documents }, keptFrom(retention));
  }

  async function setPoisonAside(document: LegDocument, error: unknown): Promise<void> {
    const { uuid, switch_name } = document.record.cdr;
    logger.error({ err: error, uuid, switch_name }, 'a CDR cannot be stored and is set aside');
    metrics.records.inc({ outcome: 'unstorable' });
    await keepRejects([setAside(document, 'cdr-unstorable', `${codeOf(error)} ${messageOf(error)}`)]);
  }

  return async (batch) => {
    const stop = metrics.batchSeconds.startTimer();
    const { documents, rejects } = read(batch);
    const retention = retentionAt(await retentionClock.nowUs(), config);
    const current = documents.filter(({ record }) => !isExpired(record.cdr.start_us, retention.cdrFromUs));
    await applyWithoutPoison(current, (part) => store(part, retention), setPoisonAside);
    if (rejects.length > 0) await keepRejects(rejects);
    metrics.records.inc({ outcome: 'cdr' }, current.length);
    metrics.records.inc({ outcome: 'expired' }, documents.length - current.length);
    countExpired({ cdrs: documents.length - current.length, documents: 0 }, retention);
    metrics.records.inc({ outcome: 'reject' }, rejects.length);
    stop();
  };
}

/** For a person who wonders which clock is wrong. */
function keptFrom({ cdrFromUs, documentsFromUs }: Retention) {
  return { cdrs_from: isoOf(cdrFromUs), documents_from: isoOf(documentsFromUs) };
}
