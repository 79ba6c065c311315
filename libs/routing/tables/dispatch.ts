import type { SnapshotRow, SnapshotTable } from '../../snapshot/table.ts';
import type { DestType } from '../../snapshot/tables/did-routing.ts';

/** A node in a set; `key` is the set's number. */
export interface MemberRow extends SnapshotRow {
  node: string;
  /** higher is asked first */
  priority: number;
  /** share of the calls, against the others' */
  weight: number;
}

export const DISPATCH_MEMBERS: SnapshotTable<MemberRow> = {
  name: 'dispatch_members',
  select: 'null as domain, set_id::text as key, node, priority, weight from dispatch_members',
  where: '$1::text is null and set_id::text = any($2)',
};

/** A kind of destination that lives on servers of its own; `key` is the kind. */
export interface DestTypeSetRow extends SnapshotRow {
  key: DestType;
  set_id: number;
}

export const DEST_TYPE_SETS: SnapshotTable<DestTypeSetRow> = {
  name: 'dest_type_sets',
  select: 'null as domain, dest_type as key, set_id from dest_type_sets',
  where: '$1::text is null and dest_type = any($2)',
};
