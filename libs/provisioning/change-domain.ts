import type { Pool, PoolClient } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { transaction } from '../postgres/transaction.ts';
import { present } from './change-user.ts';
import { checkPairs, type PairChange } from './pairs.ts';
import type { PairRole } from './reserved-params.ts';
import { type ColumnChanges, updateEntry } from './update.sql.ts';
import { checkDomain, checkName } from './value.ts';
import { withViolations } from './violation.ts';

/** What may be changed of a domain; what is undefined stays, null takes away. */
export interface DomainChanges {
  enabled?: boolean | undefined;
  /** the dialplan context whose calls are this domain's */
  context?: string | null | undefined;
  /** how long FreeSWITCH may keep users, milliseconds */
  cacheableMs?: number | null | undefined;
  /** expanded by FreeSWITCH: administrators only */
  dialString?: string | null | undefined;
  pairs?: readonly PairChange[] | undefined;
}

const COLUMNS = { param: 'params', variable: 'variables' } as const;

/** Changes a domain. @throws CodedError `value-refused`, `not-found` */
export async function changeDomain(
  pool: Pool | PoolClient,
  name: string,
  changes: DomainChanges,
  role: PairRole,
): Promise<void> {
  const domain = checkDomain(name);
  if (changes.dialString !== undefined && role !== 'administrator') {
    throw new CodedError('value-refused', "a domain's dial-string is for administrators");
  }
  const columns: ColumnChanges = {
    ...present({
      enabled: changes.enabled,
      context: changes.context && checkName('context', changes.context),
      cacheable_ms: changes.cacheableMs,
      dial_string: changes.dialString,
    }),
    ...mapColumns(changes.pairs ?? [], role),
  };
  const entry = { table: 'domains', where: 'name = $1', keys: [domain] } as const;
  const isFound = await withViolations({ exists: 'another domain has this' }, () =>
    transaction(pool, (client) => updateEntry(client, entry, columns)),
  );
  if (!isFound) throw new CodedError('not-found', `there is no domain ${domain}`);
}

/** The maps that domains and groups have. @throws CodedError `value-refused` */
export function mapColumns(pairs: readonly PairChange[], role: PairRole): ColumnChanges {
  return Object.fromEntries(
    [...checkPairs(pairs, role)].map(([kind, change]) => {
      if (kind === 'voicemail') throw new CodedError('value-refused', 'only users have voicemail settings');
      return [COLUMNS[kind], change];
    }),
  );
}
