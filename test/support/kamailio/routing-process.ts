import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Child, startChild } from '../child-process.ts';

/** A routing service in a process of its own, as it runs in a fleet. */
export interface RoutingProcess {
  child: Child;
  /** with the credentials that Kamailio uses */
  url: string;
}

/** Starts services/routing on a database; it ends with the test at the latest. */
export async function startRoutingProcess(
  t: TestContext,
  connectionString: string,
  environment: Record<string, string> = {},
): Promise<RoutingProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'routing-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const child = startChild({
    entry: 'services/routing/main.ts',
    environment: {
      DATABASE_URL: connectionString,
      DATA_DIR: dataDir,
      KAMAILIO_PASSWORD: 'secret',
      ROUTING_PORT: '0',
      ROUTING_DELAY_LIMIT_MS: '5000',
      LOG_LEVEL: 'info',
      ...environment,
    },
  });
  t.after(() => child.stop('SIGKILL').catch(() => undefined));
  const [, port] = await child.printed(/"port":(\d+)[^\n]*routing is ready/, 60_000);
  return { child, url: `http://kamailio:secret@127.0.0.1:${port}` };
}
