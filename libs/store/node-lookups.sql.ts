import type { Queryable } from './queryable.ts';
import { fromMicroseconds } from './time.sql.ts';

/** Remembers when nodes asked last (µs, by switchname); an older moment changes nothing, nor does a node that is gone. */
export async function writeLookups(client: Queryable, askedUs: ReadonlyMap<string, number>): Promise<void> {
  await client.query(
    `insert into node_lookups (node, directory_at)
     select switchname, ${fromMicroseconds('asked.us')}
     from unnest($1::text[], $2::bigint[]) as asked (name, us) join nodes on switchname = asked.name
     order by switchname
     on conflict (node) do update set directory_at = excluded.directory_at
       where node_lookups.directory_at < excluded.directory_at`,
    [[...askedUs.keys()], [...askedUs.values()]],
  );
}

/** Seconds since each node that ever asked did so, by switchname. */
export async function readLookups(client: Queryable): Promise<Map<string, number>> {
  const { rows } = await client.query<{ node: string; seconds: number }>(
    `select node::text, greatest(0, extract(epoch from now() - directory_at))::float8 as seconds from node_lookups`,
  );
  return new Map(rows.map(({ node, seconds }) => [node, seconds]));
}
