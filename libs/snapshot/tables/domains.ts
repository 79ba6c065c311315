import type { SnapshotRow, SnapshotTable } from '../table.ts';

/** Free key/value pairs that people attach to domains, groups and users. */
export type TextMap = Readonly<Record<string, string>>;

export interface DomainRow extends SnapshotRow {
  tenant: string;
  enabled: boolean;
  country: string | null;
  area_code: string | null;
  international_prefix: string;
  context: string | null;
  dial_string: string | null;
  cacheable_ms: number | null;
  node: string | null;
  dispatch_set: number | null;
  params: TextMap;
  variables: TextMap;
}

export const DOMAINS: SnapshotTable<DomainRow> = {
  name: 'domains',
  select: `name as domain, name as key, tenant, enabled, country, area_code, international_prefix, context,
    dial_string, cacheable_ms, node, dispatch_set, params, variables from domains`,
  where: 'name = any($2) and $1::text is not null',
};
