import type { SnapshotRow, SnapshotTable } from '../table.ts';

/** A trunk that a node registers with its carrier; `key` is its name. */
export interface GatewayRow extends SnapshotRow {
  /** null: shared by all tenants */
  tenant: string | null;
  host: string;
  port: number;
  transport: 'udp' | 'tcp' | 'tls';
  auth_username: string | null;
  auth_password_encrypted: string | null;
  auth_realm: string | null;
  /** switchname of the node */
  registers_on: string;
  /** null: any profile of the node */
  sip_profile: string | null;
}

export const GATEWAYS: SnapshotTable<GatewayRow> = {
  name: 'trunks',
  select: `domain, key, tenant, host, port, transport, auth_username, auth_password_encrypted, auth_realm, registers_on,
    sip_profile from (
      select null as domain, name as key, * from trunks where registers_on is not null and enabled
    ) as gateways`,
  where: '$1::text is null and key = any($2)',
};
