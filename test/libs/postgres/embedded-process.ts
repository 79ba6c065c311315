import { startEmbeddedServer } from '../../../libs/postgres/embedded-server.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';

/**
 * A process that runs an embedded server on the folder it is given, tells its address over IPC, and stops it when asked
 * to, or on SIGINT after a query: what standalone does when it drains.
 */
const server = await startEmbeddedServer({
  dataDirectory: process.argv[2] ?? '',
  logger: createLogger({ service: 'test', level: 'silent' }),
});
process.on('SIGINT', async () => {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: server.connectionString });
  await client.connect();
  await client.query('create table if not exists drained ()');
  await client.end();
  await server.stop();
  process.exit(0);
});
process.on('message', async () => process.exit(1));
process.send?.({
  connectionString: server.connectionString,
  pid: server.pid,
  wasOrphaned: server.wasOrphaned,
});
