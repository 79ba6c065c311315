import type { SnapshotRow, SnapshotTable } from '../../snapshot/table.ts';

/** One way to a prefix; `key` is the prefix, E.164 digits without the plus; `domain` null: any domain. */
export interface TrunkRouteRow extends SnapshotRow {
  id: string;
  caller_prefix: string;
  trunk: string;
  priority: number;
  weight: number;
  strip: number;
  prepend: string;
  caller_id_rewrite: string | null;
  cost_per_minute: string | null;
  time_zone: string | null;
  /** null: always */
  windows: unknown[] | null;
  active: boolean;
}

export const TRUNK_ROUTING: SnapshotTable<TrunkRouteRow> = {
  name: 'trunk_routing',
  select: `domain, prefix as key, id::text, caller_prefix, trunk, priority, weight, strip, prepend, caller_id_rewrite,
    cost_per_minute::text, time_zone, nullif(windows, '[]') as windows, active from trunk_routing`,
  where: 'domain is not distinct from $1::text and prefix = any($2)',
};
