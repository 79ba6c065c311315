import { access } from 'node:fs/promises';
import { runProcess } from '../../../libs/lifecycle/run-process.ts';
import { startEmbeddedServer } from '../../../libs/postgres/embedded-server.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { KEPT_DATA } from './postgres-server.ts';

/** Serves the databases that failed tests of the last run left behind, until Ctrl-C. */
await runProcess(async () => {
  await access(KEPT_DATA);
  const logger = createLogger({ service: 'test', level: 'error' });
  const server = await startEmbeddedServer({ dataDirectory: KEPT_DATA, logger });
  console.log(`${server.connectionString} (its databases: \\l in psql)`);
  return server;
});
