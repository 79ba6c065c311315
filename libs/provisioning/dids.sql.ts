import type { ClientBase, Pool } from 'pg';
import type { DestType } from '../snapshot/tables/did-routing.ts';

export interface DidColumns {
  did: string;
  domain: string;
  dest_type: DestType;
  destination: string;
  priority: number;
  description: string;
}

/** Adds one route of one number. */
export async function insertDid(client: ClientBase | Pool, did: DidColumns): Promise<void> {
  await client.query(
    `insert into did_routing (did, domain, dest_type, destination, priority, description)
     values ($1, $2, $3, $4, $5, $6)`,
    [did.did, did.domain, did.dest_type, did.destination, did.priority, did.description],
  );
}
