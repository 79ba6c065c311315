import type { Pool, PoolClient } from 'pg';
import type { Topic } from '../../records/topics.ts';
import type { GroupMember, Holding } from './assignment.ts';
import { PARTITIONS } from './limits.ts';

/** Where a group stands in one partition. */
export interface Position extends Holding {
  topic: Topic;
  topic_id: number;
  next_offset: string;
}

/** What a commit or a release refers to. */
export interface Claim {
  topicId: number;
  partition: number;
  generation: bigint;
  nextOffset: bigint;
}

/** Members of one group take turns until the transaction ends. */
export async function lockGroup(client: PoolClient, group: string): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtext('switchfleet.bus_group'), hashtext($1))`, [
    group,
  ]);
}

/** No session is longer (BUS_SESSION_MS): what lasts beyond it was begun before the database's clock was set back. */
const LONGEST = `interval '6 minutes'`;

/**
 * Renews a member's session and ends those whose time is over; gives the members that are alive. A session that was begun before the
 * database's clock was set back begins anew: a member that lives renews it in time, and keeps its partitions.
 */
export async function renewMember(
  client: PoolClient,
  group: string,
  me: GroupMember & { sessionMs: number },
): Promise<GroupMember[]> {
  await client.query('delete from bus_members where group_name = $1 and expires_at < clock_timestamp()', [
    group,
  ]);
  await client.query(
    `update bus_members set expires_at = clock_timestamp() + $2 * interval '1 millisecond'
     where group_name = $1 and expires_at > clock_timestamp() + ${LONGEST}`,
    [group, me.sessionMs],
  );
  await client.query(
    `insert into bus_members (group_name, member_id, topics, expires_at)
     values ($1, $2, $3, clock_timestamp() + $4 * interval '1 millisecond')
     on conflict (group_name, member_id) do update set topics = excluded.topics, expires_at = excluded.expires_at`,
    [group, me.member_id, me.topics, me.sessionMs],
  );
  const { rows } = await client.query<GroupMember>(
    'select member_id, topics from bus_members where group_name = $1',
    [group],
  );
  return rows;
}

/** Registers a group for topics: from now on their days are kept until it has passed them. */
export async function registerGroup(
  client: PoolClient,
  group: string,
  topics: readonly Topic[],
): Promise<void> {
  await client.query(
    `insert into bus_topics (name) select name from unnest($1::text[]) as u (name)
     where not exists (select from bus_topics t where t.name = u.name) on conflict (name) do nothing`,
    [topics],
  );
  await client.query(
    `insert into bus_positions (group_name, topic_id, partition)
     select $1, t.id, p from bus_topics t cross join generate_series(0, $3 - 1) p where t.name = any ($2)
     on conflict do nothing`,
    [group, topics, PARTITIONS],
  );
}

/** Where a group stands in all partitions of these topics. */
export async function readPositions(
  client: PoolClient,
  group: string,
  topics: readonly Topic[],
): Promise<Position[]> {
  const { rows } = await client.query<Position>(
    `select t.name as topic, p.topic_id, p.partition, p.member_id, p.generation, p.next_offset
     from bus_positions p join bus_topics t on t.id = p.topic_id
     where p.group_name = $1 and t.name = any ($2) order by p.topic_id, p.partition`,
    [group, topics],
  );
  return rows;
}

/** Takes partitions, each with a new generation: whoever held them can commit no more. */
export async function takePartitions(
  client: PoolClient,
  group: string,
  { memberId, positions }: { memberId: string; positions: readonly Position[] },
): Promise<Claim[]> {
  const { rows } = await client.query<{
    topic_id: number;
    partition: number;
    generation: string;
    next_offset: string;
  }>(
    `update bus_positions p set member_id = $2, generation = p.generation + 1, updated_at = clock_timestamp()
     from unnest($3::smallint[], $4::smallint[]) as c (topic_id, partition)
     where p.group_name = $1 and p.topic_id = c.topic_id and p.partition = c.partition
     returning p.topic_id, p.partition, p.generation, p.next_offset`,
    [group, memberId, positions.map((p) => p.topic_id), positions.map((p) => p.partition)],
  );
  return rows.map((row) => ({
    topicId: row.topic_id,
    partition: row.partition,
    generation: BigInt(row.generation),
    nextOffset: BigInt(row.next_offset),
  }));
}

/** Moves a group forward where the generation still holds; gives `topicId/partition` of what was moved. */
export async function commitOffsets(
  pool: Pool,
  group: string,
  claims: readonly Claim[],
): Promise<Set<string>> {
  const { rows } = await pool.query<{ moved: string }>({
    name: 'bus_commit',
    text: `
      update bus_positions p set next_offset = c.next_offset, updated_at = clock_timestamp()
      from unnest($2::smallint[], $3::smallint[], $4::bigint[], $5::bigint[])
        as c (topic_id, partition, generation, next_offset)
      where p.group_name = $1 and p.topic_id = c.topic_id and p.partition = c.partition
        and p.generation = c.generation
      returning p.topic_id || '/' || p.partition as moved`,
    values: [group, ...columnsOf(claims), claims.map((claim) => String(claim.nextOffset))],
  });
  return new Set(rows.map((row) => row.moved));
}

/** Gives partitions up; those that were taken by another are left alone. */
export async function releasePartitions(pool: Pool, group: string, claims: readonly Claim[]): Promise<void> {
  await pool.query(
    `update bus_positions p set member_id = null, updated_at = clock_timestamp()
     from unnest($2::smallint[], $3::smallint[], $4::bigint[]) as c (topic_id, partition, generation)
     where p.group_name = $1 and p.topic_id = c.topic_id and p.partition = c.partition
       and p.generation = c.generation`,
    [group, ...columnsOf(claims)],
  );
}

/** Says goodbye. */
export async function removeMember(pool: Pool, group: string, memberId: string): Promise<void> {
  await pool.query('delete from bus_members where group_name = $1 and member_id = $2', [group, memberId]);
}

function columnsOf(claims: readonly Claim[]): [number[], number[], string[]] {
  return [
    claims.map((claim) => claim.topicId),
    claims.map((claim) => claim.partition),
    claims.map((claim) => String(claim.generation)),
  ];
}
