import type { DeliveredRecord } from '../../libs/bus/bus.ts';
import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { DEFAULT_KEPT_VARIABLES, keptVariables } from '../../libs/freeswitch/cdr/kept-variables.ts';
import { parseCdr } from '../../libs/freeswitch/cdr/parse-cdr.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { createRetentionClock } from '../../libs/postgres/retention-clock.ts';
import type { CdrRecord } from '../../libs/records/cdr-record.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createWriter } from '../../services/writer/writer.ts';
import { createWriterMetrics } from '../../services/writer/writer-metrics.ts';
import type { Scope } from '../main/scope.ts';
import { cast, moulds } from './corpus.ts';
import { insertPlainly } from './plain-insert.ts';

const BATCH = 500;
const keepVariable = keptVariables(DEFAULT_KEPT_VARIABLES);
let nextLeg = 0x40_000_000;

/** CDRs a second through the writer, and through bare multi-row INSERTs of the same rows of `cdr` and `cdr_documents`. */
export function writerRates(scope: Scope, databaseUrl: string, legs: number) {
  const config = loadConfig({ DATABASE_URL: databaseUrl });
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const database = openDatabase({ config, logger });
  scope.after(() => database.stop());
  const metrics = createWriterMetrics(createMetrics('bench'));
  const clock = createClock();
  const retentionClock = createRetentionClock({ pool: database.write, clock });
  const write = createWriter({ config, clock, retentionClock, logger, database, metrics });
  const rateOf = async (apply: (records: CdrRecord[]) => Promise<void>) => {
    const batches = batchesOf(legs);
    const began = performance.now();
    for (const batch of batches) await apply(batch);
    return (legs * 1000) / (performance.now() - began);
  };
  return {
    writer: () => rateOf((records) => write(records.map(delivered))),
    plain: () => rateOf((records) => insertPlainly(database.write, records)),
  };
}

function batchesOf(legs: number): CdrRecord[][] {
  const forms = moulds('xml');
  const batches: CdrRecord[][] = [];
  for (let leg = 0; leg < legs; leg += 1) {
    const { body } = cast(forms, nextLeg++);
    const parsed = parseCdr(body, { receivedUs: Date.now() * 1000, keepVariable });
    if (!('ok' in parsed)) throw new Error('a recorded CDR cannot be read');
    if (leg % BATCH === 0) batches.push([]);
    batches.at(-1)?.push(parsed.ok);
  }
  return batches;
}

function delivered(value: CdrRecord): DeliveredRecord {
  return { topic: TOPICS.cdrs, key: value.cdr.uuid, value, partition: 0, offset: '0', publishedUs: 1 };
}
