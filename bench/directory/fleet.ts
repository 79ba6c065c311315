import { type FilledDatabase, openFilledDatabase } from '../filled-database.ts';
import type { Scope } from '../main/scope.ts';

/** How many users a bench's fleet has, spread evenly over its domains. */
export interface FleetSize {
  domains: number;
  users: number;
}

/** A database with users. */
export interface Fleet extends FilledDatabase {
  size: FleetSize;
}

/** A fleet with entries as people have them. */
export async function openFleet(scope: Scope, size: FleetSize): Promise<Fleet> {
  return { ...(await openFilledDatabase(scope, rows(size))), size };
}

/** The address of one of the users. */
export function addressOf({ domains }: FleetSize, user: number): { user: string; domain: string } {
  return { user: String(1000 + Math.floor(user / domains)), domain: `d${user % domains}.example` };
}

function rows({ domains, users }: FleetSize): string[] {
  const domain = `'d' || n % ${domains} || '.example'`;
  return [
    `insert into domains (name, tenant, context)
       select 'd' || n || '.example', 'default', 'd' || n || '.example' from generate_series(0, ${domains - 1}) n`,
    `insert into users (domain, user_id, ha1, ha1b, number_alias, caller_id_name, caller_id_number, accountcode, toll_allow,
         vm_a1_hash, vm_mailto, params)
       select ${domain}, 1000 + n / ${domains}, md5('a' || n), md5('b' || n), 7000 + n / ${domains}, 'User ' || n,
         1000 + n / ${domains}, 'acct-' || n, 'domestic,local', md5('c' || n), 'user' || n || '@mail.example',
         case when n % 4 = 0 then '{"timezone": "Europe/London"}' else '{}' end::jsonb
       from generate_series(0, ${users - 1}) n`,
    `insert into registrations (domain, user_id, node, contact, registered_at, expires_at)
       select ${domain}, 1000 + n / ${domains}, 'fs' || n % 20, 'sip:x', now(), now() + interval '1 day'
       from generate_series(0, ${users / 2 - 1}) n`,
  ];
}
