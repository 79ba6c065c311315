import pg from 'pg';
import { startEmbeddedServer } from '../../libs/postgres/embedded-server.ts';
import { migrate } from '../../libs/postgres/migrate.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { MIGRATIONS, throwAwayFolder } from './place.ts';
import type { Scope } from './scope.ts';

/** An empty store with the settings of the product, and some of the bench's own; and a connection to look at it. */
export async function openStore(
  scope: Scope,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ client: pg.Client; connectionString: string }> {
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const dataDirectory = await throwAwayFolder(scope);
  const server = await startEmbeddedServer({ dataDirectory, logger, settings });
  scope.after(() => server.stop());
  const { connectionString } = server;
  await migrate({ connectionString, directory: MIGRATIONS, logger });
  const client = new pg.Client({ connectionString });
  // What went wrong before the server was stopped is the news, not that it was.
  client.on('error', (error) => process.stderr.write(`${error.message}\n`));
  await client.connect();
  scope.after(() => client.end());
  return { client, connectionString };
}
