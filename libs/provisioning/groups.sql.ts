import type { ClientBase } from 'pg';

/** Adds a group; one that is there makes a unique violation. */
export async function insertGroup(
  client: ClientBase,
  group: { name: string; domain: string },
): Promise<void> {
  await client.query('insert into groups (domain, name) values ($1, $2)', [group.domain, group.name]);
}

/** Puts users at the end of a group, in this order; who is in it stays where he is. Returns who is no user. */
export async function insertMembers(
  client: ClientBase,
  { name, domain, users }: { name: string; domain: string; users: readonly string[] },
): Promise<string[]> {
  const { rows } = await client.query<{ missing: string }>(
    `with given as (
       select given.id, given.place, users.user_id, groups.name from unnest($3::text[]) with ordinality as given (id, place)
       left join users on users.domain = $1 and lower(users.user_id) = lower(given.id)
       left join groups on groups.domain = $1 and lower(groups.name) = lower($2)
     ), written as (
       insert into group_members (domain, group_name, user_id, position)
       select $1, name, user_id, place + coalesce(
         (select max(position) from group_members where domain = $1 and lower(group_name) = lower($2)), 0)
       from given where user_id is not null and name is not null on conflict do nothing
     ) select id as missing from given where user_id is null or name is null`,
    [domain, name, users],
  );
  return rows.map(({ missing }) => missing);
}

/** Takes users out of a group. Returns how many were in it. */
export async function deleteMembers(
  client: ClientBase,
  { name, domain, users }: { name: string; domain: string; users: readonly string[] },
): Promise<number> {
  const { rowCount } = await client.query(
    `delete from group_members where domain = $1 and lower(group_name) = lower($2)
       and lower(user_id) in (select lower(id) from unnest($3::text[]) id)`,
    [domain, name, users],
  );
  return rowCount ?? 0;
}

/** Removes a group; false when there is none. */
export async function deleteGroup(
  client: ClientBase,
  group: { name: string; domain: string },
): Promise<boolean> {
  const { rowCount } = await client.query(
    'delete from groups where domain = $1 and lower(name) = lower($2)',
    [group.domain, group.name],
  );
  return rowCount === 1;
}

/** Who is in a group. */
export async function readMembers(
  client: ClientBase,
  { name, domain }: { name: string; domain: string },
): Promise<string[]> {
  const { rows } = await client.query<{ user_id: string }>(
    'select user_id::text from group_members where domain = $1 and lower(group_name) = lower($2)',
    [domain, name],
  );
  return rows.map(({ user_id }) => user_id);
}
