import { type FilledDatabase, openFilledDatabase } from '../filled-database.ts';
import type { Scope } from '../main/scope.ts';

/** How much a bench's fleet holds. */
export interface FleetSize {
  domains: number;
  dids: number;
  prefixes: number;
}

/** A database with a fleet of some size. */
export interface Fleet extends FilledDatabase {
  size: FleetSize;
}

export const NODES = 20;
const TRUNKS = 50;

/** A fleet of this size. */
export async function openFleet(scope: Scope, size: FleetSize): Promise<Fleet> {
  return { ...(await openFilledDatabase(scope, rows(size))), size };
}

function rows({ domains, dids, prefixes }: FleetSize): string[] {
  return [
    `insert into domains (name, tenant, country, area_code, dispatch_set)
       select 'd' || n || '.example', 'default', 'DE', '30', 1 from generate_series(0, ${domains - 1}) n`,
    `insert into users (domain, user_id, ha1, ha1b)
       select 'd' || n || '.example', '1001', md5('a'), md5('b') from generate_series(0, ${domains - 1}) n`,
    `insert into dispatch_sets (set_id, name) values (1, 'all')`,
    `insert into nodes (switchname, esl_host, esl_password_encrypted, sip_uri)
       select 'fs' || n, '127.0.1.' || n, 'x', 'sip:127.0.1.' || n || ':5060' from generate_series(1, ${NODES}) n`,
    `insert into node_status (node, state, load, load_at)
       select 'fs' || n, 'live', jsonb_build_object('sessions', n * 10, 'max_sessions', 100000, 'trunks', '{}'::jsonb), now()
       from generate_series(1, ${NODES}) n`,
    `insert into dispatch_members (set_id, node) select 1, 'fs' || n from generate_series(1, ${NODES}) n`,
    `insert into trunks (name, host) select 'trunk' || n, '127.0.2.' || n from generate_series(1, ${TRUNKS}) n`,
    `insert into did_routing (did, domain, dest_type, destination)
       select '+4930' || 1000000 + n, 'd' || n % ${domains} || '.example', 'extension', '1001'
       from generate_series(0, ${dids - 1}) n`,
    `insert into trunk_routing (prefix, domain, trunk, priority)
       select (1 + n / ${domains})::text || lpad((n % 97)::text, 2, '0'), 'd' || n % ${domains} || '.example',
         'trunk' || 1 + n % ${TRUNKS}, n % 3
       from generate_series(0, ${prefixes - 1}) n`,
  ];
}

/** The numbers of some DIDs, spread over the whole fleet. */
export function someDids({ dids }: FleetSize, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `+4930${1_000_000 + ((index * 7919) % dids)}`);
}

/** Numbers outside that a domain has a prefix for. */
export function someOutside(
  { domains, prefixes }: FleetSize,
  count: number,
): { number: string; domain: string }[] {
  return Array.from({ length: count }, (_, index) => {
    const route = (index * 7919) % prefixes;
    const prefix = `${1 + Math.floor(route / domains)}${String(route % 97).padStart(2, '0')}`;
    return { number: `+${prefix}5551234`, domain: `d${route % domains}.example` };
  });
}
