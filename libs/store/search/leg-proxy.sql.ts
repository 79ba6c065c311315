import { isIP } from 'node:net';
import type { LegEvidence } from '../../calls/evidence.ts';
import { peerIpOf } from '../../calls/fold-leg.ts';
import type { Queryable } from '../queryable.ts';
import { fromMicroseconds } from '../time.sql.ts';
import type { StoredLeg } from './calls.ts';

/** Over which of our proxies did the signalling of these legs come? By uuid; a leg that came over none has no entry. */
export async function proxiesOfLegs(
  database: Queryable,
  legs: readonly StoredLeg[],
): Promise<Map<string, string>> {
  const peers = await readPeers(database, legs);
  const { rows } = await database.query<{ ip: string; name: string }>(
    `select distinct on (peer.ip) peer.ip, p.name::text as name
     from unnest($1::text[]) as peer (ip) join proxies p on p.address >>= peer.ip::inet
     order by peer.ip, masklen(p.address) desc`,
    [[...new Set(peers.values())]],
  );
  const names = new Map(rows.map(({ ip, name }) => [ip, name]));
  return new Map(
    [...peers].flatMap(([uuid, ip]) => {
      const name = names.get(ip);
      return name === undefined ? [] : [[uuid, name] as const];
    }),
  );
}

async function readPeers(database: Queryable, legs: readonly StoredLeg[]): Promise<Map<string, string>> {
  const { rows } = await database.query<{ uuid: string; evidence: LegEvidence | null }>(
    `select l.uuid, l.evidence from unnest($1::text[], $2::bigint[]) as leg (uuid, start_us)
     join legs l on l.uuid = leg.uuid and l.start_at = ${fromMicroseconds('leg.start_us')}`,
    [legs.map(({ uuid }) => uuid), legs.map(({ start_us }) => start_us)],
  );
  return new Map(
    rows.flatMap(({ uuid, evidence }) => {
      const ip = evidence === null ? null : peerIpOf(evidence);
      return ip === null || isIP(ip) === 0 ? [] : [[uuid, ip] as const];
    }),
  );
}
