import pg, { type ClientBase } from 'pg';

/** Size of a partition with its indexes and TOAST, bytes. */
export async function sizeOfPartition(client: ClientBase, name: string): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    'select pg_total_relation_size($1::regclass) as bytes',
    [pg.escapeIdentifier(name)],
  );
  return Number(rows[0]?.bytes);
}

/**
 * Who has still to read a day: groups that stand before its last record of a partition, and, as `nobody`, topics of
 * `heldTopics` that no group is registered for yet.
 */
export async function findBehind(
  client: ClientBase,
  name: string,
  heldTopics: readonly string[],
): Promise<{ group: string; topic: string }[]> {
  const day = pg.escapeIdentifier(name);
  const { rows } = await client.query<{ group: string; topic: string }>(
    `select distinct coalesce(p.group_name, 'nobody') as group, t.name as topic
     from bus_topics t
     cross join generate_series(0, 15) as s (partition)
     cross join lateral (
       select max(record_offset) as offset from ${day} r where r.topic_id = t.id and r.partition = s.partition
     ) last
     left join bus_positions p on p.topic_id = t.id and p.partition = s.partition
     where last.offset is not null
       and case when p.group_name is null then t.name = any ($1) else p.next_offset <= last.offset end`,
    [heldTopics],
  );
  return rows;
}
