import type { SnapshotRow, SnapshotTable } from '../table.ts';
import type { TextMap } from './domains.ts';

/** Users that ring together; `key` is its name in lower case. */
export interface GroupRow extends SnapshotRow {
  domain: string;
  name: string;
  /** null: none */
  params: TextMap | null;
  variables: TextMap | null;
}

export const GROUPS: SnapshotTable<GroupRow> = {
  name: 'groups',
  select: `domain, lower(name) as key, name, nullif(params, '{}') as params, nullif(variables, '{}') as variables
    from groups`,
  where: 'domain = $1 and lower(name) = any($2)',
};

/** A user in a group; `key` is the group's name in lower case. */
export interface GroupMemberRow extends SnapshotRow {
  domain: string;
  /** in lower case */
  user: string;
  /** place in the group, lowest first */
  position: number;
}

export const GROUP_MEMBERS: SnapshotTable<GroupMemberRow> = {
  name: 'group_members',
  select: `domain, lower(group_name) as key, lower(user_id) as "user", position from group_members`,
  where: 'domain = $1 and lower(group_name) = any($2)',
};
