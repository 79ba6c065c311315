import { userInfo } from 'node:os';
import { insertAudit } from '../../libs/provisioning/audit.sql.ts';
import { readTenantOf } from '../../libs/provisioning/domains.sql.ts';
import type { CommandContext } from './command-context.ts';

/** What a command did that has rules of its own. */
export interface Note {
  action: string;
  /** as in the api's paths */
  resource: string;
  /** the parts of its name */
  key: readonly string[];
  /** whose tenant's it is */
  domain?: string | undefined;
  after?: Readonly<Record<string, unknown>> | undefined;
  secrets?: readonly string[];
}

/** Writes down who did it, after it was done. */
export async function noteChange(context: CommandContext, note: Note): Promise<void> {
  const { domain, key, ...entry } = note;
  await context.withDatabase(async ({ write }) => {
    const tenant = domain === undefined ? null : await readTenantOf(write, domain);
    const actor = `cli:${userInfo().username}`;
    await insertAudit(write, [{ ...entry, key: key.join('/'), tenant, actor, role: 'admin' }]);
  });
}
