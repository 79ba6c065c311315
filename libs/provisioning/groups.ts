import type { Pool, PoolClient } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { transaction } from '../postgres/transaction.ts';
import { mapColumns } from './change-domain.ts';
import { deleteGroup, deleteMembers, insertGroup, insertMembers } from './groups.sql.ts';
import type { PairChange } from './pairs.ts';
import type { PairRole } from './reserved-params.ts';
import { updateEntry } from './update.sql.ts';
import { checkDomain, checkName, checkUserId } from './value.ts';
import { withViolations } from './violation.ts';

/** The name of a group and whose it is. */
export interface GroupAddress {
  name: string;
  domain: string;
}

/** Adds a group of users. @throws CodedError `value-refused`, `already-exists`, `not-found` (domain, user) */
export async function addGroup(
  pool: Pool | PoolClient,
  address: GroupAddress,
  users: readonly string[],
): Promise<void> {
  const group = checkGroup(address);
  const messages = {
    exists: `there already is a group ${group.name}@${group.domain}`,
    missing: `there is no domain ${group.domain}`,
  };
  await withViolations(messages, () =>
    transaction(pool, async (client) => {
      await insertGroup(client, group);
      requireAll(await insertMembers(client, { ...group, users: users.map(checkUserId) }), group);
    }),
  );
}

/** Changes who is in a group, and its params and variables. @throws CodedError `value-refused`, `not-found` */
export async function changeGroup(
  pool: Pool | PoolClient,
  address: GroupAddress,
  changes: { add: readonly string[]; remove: readonly string[]; pairs: readonly PairChange[] },
  role: PairRole,
): Promise<void> {
  const group = checkGroup(address);
  const columns = mapColumns(changes.pairs, role);
  const entry = {
    table: 'groups',
    where: 'domain = $1 and lower(name) = lower($2)',
    keys: [group.domain, group.name],
  } as const;
  await transaction(pool, async (client) => {
    if (!(await updateEntry(client, entry, columns))) throw noGroup(group);
    await deleteMembers(client, { ...group, users: changes.remove });
    requireAll(await insertMembers(client, { ...group, users: changes.add.map(checkUserId) }), group);
  });
}

/** Removes a group; its users stay. @throws CodedError `not-found` */
export async function removeGroup(pool: Pool | PoolClient, address: GroupAddress): Promise<void> {
  const group = checkGroup(address);
  if (!(await transaction(pool, (client) => deleteGroup(client, group)))) throw noGroup(group);
}

function checkGroup({ name, domain }: GroupAddress): GroupAddress {
  return { name: checkName('group', name), domain: checkDomain(domain) };
}

function requireAll(missing: readonly string[], { domain }: GroupAddress): void {
  if (missing.length > 0) {
    throw new CodedError('not-found', `there is no user ${missing.join(', ')} in ${domain}`);
  }
}

function noGroup({ name, domain }: GroupAddress): CodedError {
  return new CodedError('not-found', `there is no group ${name}@${domain}`);
}
