import type { SnapshotRow, SnapshotTable } from '../table.ts';

/** A FreeSWITCH server; `key` is its switchname. The ESL secret is the collector's alone and not in here. */
export interface NodeRow extends SnapshotRow {
  esl_host: string;
  /** where a collector last reached its event socket, as far as the node calls that address its own: what a host name means */
  esl_address: string | null;
  sip_uri: string | null;
  sip_profile: string;
  region: string | null;
  max_sessions: number | null;
  state: 'active' | 'draining' | 'disabled';
  http_password_hash: string | null;
}

export const NODES: SnapshotTable<NodeRow> = {
  name: 'nodes',
  select: `null as domain, switchname as key, esl_host,
    (select host(address) from node_addresses where node = switchname) as esl_address,
    sip_uri, sip_profile, region, max_sessions, state, http_password_hash
    from nodes`,
  where: '$1::text is null and switchname = any($2)',
};
