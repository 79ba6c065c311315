import type { AddressInfo } from 'node:net';
import type { Bus } from '../../libs/bus/bus.ts';
import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import type { CdrRecord } from '../../libs/records/cdr-record.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createCdrApp } from '../../services/cdr/cdr-app.ts';
import { createCheck } from '../../services/cdr/credential.ts';
import { insertAlone } from './plain-insert.ts';

/**
 * Baseline (c): our front and parser with one autocommit INSERT before the 2xx, as mod_cdr_pg_csv and the peers do. It stores what
 * we store: the row, and the document, as FusionPBX's v_xml_cdr has it in column `json`.
 */
const config = loadConfig();
const logger = createLogger({ service: 'bench', level: 'warn' });
const database = openDatabase({ config, logger });
const bus: Bus = {
  kind: 'postgres',
  publish: async (_topic, records) => {
    for (const { value } of records) await insertAlone(database.write, value as CdrRecord);
  },
  subscribe: async () => ({ stop: async () => undefined, lag: async () => [] }),
  follow: async () => ({ stop: async () => undefined, lag: async () => [] }),
  check: async () => undefined,
  close: async () => undefined,
};
const app = createCdrApp({
  config,
  clock: createClock(),
  logger,
  metrics: createMetrics('bench'),
  bus,
  check: createCheck(config, undefined),
  health: () => ({ ready: true, reasons: [] }),
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`ready ${(app.server.address() as AddressInfo).port}\n`);
process.once('SIGTERM', () => process.exit(0));
