import type { SnapshotRow, SnapshotTable } from '../../snapshot/table.ts';

/** A carrier connection; `key` is its name. Its password is not in here: only the node that registers needs it. */
export interface TrunkRow extends SnapshotRow {
  /** null: shared by all tenants */
  tenant: string | null;
  host: string;
  port: number;
  transport: 'udp' | 'tcp' | 'tls';
  /** switchname of the node that registers with the carrier and so must carry its calls */
  registers_on: string | null;
  max_channels: number | null;
  max_cps: number | null;
  codecs: string | null;
  headers: Readonly<Record<string, string>>;
  is_emergency: boolean;
  enabled: boolean;
  /** where the carrier's calls come from, besides `host` */
  inbound: string[];
}

export const TRUNKS: SnapshotTable<TrunkRow> = {
  name: 'trunks',
  select: `null as domain, name as key, tenant, host, port, transport, registers_on, max_channels, max_cps, codecs,
    headers, is_emergency, enabled, inbound::text[] from trunks`,
  where: '$1::text is null and name = any($2)',
};
