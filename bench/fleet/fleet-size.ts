/** How much a bench's fleet has. */
export interface FleetSize {
  nodes: number;
  domains: number;
  users: number;
  registrations: number;
}

/** The address of one of the users: as `bench/directory` spreads them over domains. */
export function addressOf({ domains }: FleetSize, user: number): { user: string; domain: string } {
  return { user: String(1000 + Math.floor(user / domains)), domain: `d${user % domains}.example` };
}

/** What people have configured, nodes aside. */
export function provisioningRows({ domains, users }: FleetSize): string[] {
  return [
    `insert into domains (name, tenant, context, dispatch_set)
       select 'd' || n || '.example', 'default', 'd' || n || '.example', 1 from generate_series(0, ${domains - 1}) n`,
    `insert into users (domain, user_id, ha1, ha1b, caller_id_name, caller_id_number, accountcode, toll_allow)
       select 'd' || n % ${domains} || '.example', 1000 + n / ${domains}, md5('a' || n), md5('b' || n), 'User ' || n,
         1000 + n / ${domains}, 'acct-' || n, 'domestic,local'
       from generate_series(0, ${users - 1}) n`,
    `insert into dispatch_sets (set_id, name) values (1, 'all')`,
    `insert into did_routing (did, domain, dest_type, destination)
       select '+4930' || 1000000 + n, 'd' || n % ${domains} || '.example', 'extension', 1000 + n / ${domains}
       from generate_series(0, ${users / 10 - 1}) n`,
  ];
}
