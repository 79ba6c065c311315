/** How switchfleet itself is doing. */
export interface SystemState {
  services: {
    service: string;
    instance: string;
    version: string;
    ready: boolean;
    reasons: string[];
    started_at: string;
    silent_seconds: number;
    lag_records: number | null;
    lag_seconds: number | null;
    snapshot_age_seconds: number | null;
  }[];
  consumers: { group: string; instances: number; lag_records: number; lag_seconds: number }[];
  rejects: { reason: string; total: number; open: number; last_received_at: string }[];
  tables: {
    table: string;
    unit: 'month' | 'day';
    kept: number | null;
    partitions: number;
    oldest: string | null;
    newest: string | null;
    bytes: number;
    rows: number;
    stray_rows: number;
  }[];
}

export interface AuditEntry {
  id: string;
  at: string;
  actor: string;
  role: string;
  address: string | null;
  action: string;
  resource: string;
  key: string;
}

export interface TokenItem {
  name: string;
  role: string;
  tenant: string | null;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  created_by: string;
}
