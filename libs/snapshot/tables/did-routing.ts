import type { SnapshotRow, SnapshotTable } from '../table.ts';

export const DEST_TYPES = ['extension', 'queue', 'ivr', 'conference', 'voicemail', 'external'] as const;
export type DestType = (typeof DEST_TYPES)[number];

/** One priority of one DID; `key` is the DID in E.164. */
export interface DidRow extends SnapshotRow {
  domain: string;
  dest_type: DestType;
  destination: string;
  priority: number;
  active: boolean;
  time_zone: string | null;
  /** null: always */
  windows: unknown[] | null;
  fail_forward: string | null;
}

// An empty list becomes null here: a million of them would each be parsed.
export const DID_ROUTING: SnapshotTable<DidRow> = {
  name: 'did_routing',
  select: `domain, did as key, dest_type, destination, priority, active, time_zone,
    nullif(windows, '[]') as windows, fail_forward from did_routing`,
  where: '$1::text is not null and did = any($2)',
};
