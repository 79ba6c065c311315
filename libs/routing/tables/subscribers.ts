import type { SnapshotRow, SnapshotTable } from '../../snapshot/table.ts';

/** A user as far as routing goes: that it exists; `key` is its id in lower case. */
export interface SubscriberRow extends SnapshotRow {
  domain: string;
  user_id: string;
  number_alias: string | null;
  enabled: boolean;
}

export const SUBSCRIBERS: SnapshotTable<SubscriberRow> = {
  name: 'users',
  select: 'domain, lower(user_id) as key, user_id, number_alias, enabled from users',
  where: 'domain = $1 and lower(user_id) = any($2)',
};
