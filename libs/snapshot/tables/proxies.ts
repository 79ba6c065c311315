import type { SnapshotRow, SnapshotTable } from '../table.ts';

/** One of our Kamailios and where it takes calls; `key` is its name. */
export interface ProxyHostRow extends SnapshotRow {
  /** a network in CIDR form; a single address ends in /32 or /128 */
  address: string;
  sip_port: number;
}

export const PROXY_HOSTS: SnapshotTable<ProxyHostRow> = {
  name: 'proxies',
  select: 'null as domain, name as key, address::text, sip_port from proxies',
  where: '$1::text is null and name = any($2)',
};
