import type { SnapshotRow, SnapshotTable } from '../../snapshot/table.ts';

/** Where a user is registered; `key` is its id in lower case. */
export interface RegistrationRow extends SnapshotRow {
  domain: string;
  node: string;
  /** microseconds since 1970, decimal */
  registered_us: string;
}

// What has ended or run out is not read; an end enters the change log, a refresh does not. Names are stored in lower case, so
// that the primary key finds a user: with ten thousands of phones a change must not read all of them.
export const REGISTRATIONS: SnapshotTable<RegistrationRow> = {
  name: 'registrations',
  select: `domain, key, node, registered_us from (
    select domain, user_id as key, node,
      (extract(epoch from max(registered_at)) * 1000000)::bigint::text as registered_us
    from registrations where not is_ended and (expires_at is null or expires_at > now())
    group by domain, user_id, node) as registrations`,
  where: 'domain = lower($1) and key = any($2)',
};
