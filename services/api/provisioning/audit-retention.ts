import type { App } from '../../../libs/http/app.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import { deleteOldAudit } from '../../../libs/provisioning/audit.sql.ts';

const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;

/** Removes what is older than is kept of the audit log, once an hour while the app works; what fails is tried an hour later. */
export function keepAudit(app: App, { pool, days }: { pool: Pool; days: number }): void {
  let timer: NodeJS.Timeout | undefined;
  const plan = (ms: number) => {
    timer = setTimeout(run, ms).unref();
  };
  async function run(): Promise<void> {
    try {
      const rows = await deleteOldAudit(pool, days);
      if (rows > 0) app.log.info({ rows }, 'entries of the audit log removed: older than is kept');
    } catch (err) {
      app.log.warn({ err }, 'old entries of the audit log cannot be removed, will try again');
    }
    if (timer !== undefined) plan(EVERY_MS);
  }
  app.addHook('onReady', async () => plan(FIRST_MS));
  app.addHook('onClose', async () => {
    clearTimeout(timer);
    timer = undefined;
  });
}
