import type { SnapshotRow, SnapshotTable } from '../../snapshot/table.ts';

/** Where callers of a network are; `key` is the network. */
export interface CallerRegionRow extends SnapshotRow {
  region: string;
}

export const CALLER_REGIONS: SnapshotTable<CallerRegionRow> = {
  name: 'caller_regions',
  select: 'null as domain, caller::text as key, region from caller_regions',
  where: '$1::text is null and caller::text = any($2)',
};

/** Which regions help out, in order; `key` is the region that is helped. */
export interface RegionFallbackRow extends SnapshotRow {
  fallback: string;
  position: number;
}

export const REGION_FALLBACKS: SnapshotTable<RegionFallbackRow> = {
  name: 'region_fallbacks',
  select: 'null as domain, region as key, fallback, position from region_fallbacks',
  where: '$1::text is null and region = any($2)',
};

/** One of our Kamailios; `key` is its name. */
export interface ProxyRow extends SnapshotRow {
  address: string;
}

export const PROXIES: SnapshotTable<ProxyRow> = {
  name: 'proxies',
  select: 'null as domain, name as key, address::text from proxies',
  where: '$1::text is null and name = any($2)',
};
