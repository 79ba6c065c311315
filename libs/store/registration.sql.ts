import { jsonOf } from '../postgres/unwritable-value.ts';
import type { RegistrationEvent, RegistrationResync } from '../records/registration.ts';
import type { Queryable } from './queryable.ts';
import { fromMicroseconds } from './time.sql.ts';

/** A user whose registrations changed so that others must know. */
export interface ChangedUser {
  domain: string;
  user_id: string;
}

const SAID = `json_to_recordset($1::json) as said (domain text, user_id text, node text, contact text, core_uuid text,
  call_id text, profile text, network_ip text, network_port integer, user_agent text, at_us bigint, expires_us bigint)`;

function rowsOf(events: readonly RegistrationEvent[]): string {
  return jsonOf(
    events.map(({ user, domain, ...event }) => ({
      ...event,
      user_id: user.toLowerCase(),
      domain: domain.toLowerCase(),
    })),
  );
}

/** Stores registrations; a record that is older than what is known changes nothing. Returns whose are new or moved. */
export async function writeRegistrations(
  client: Queryable,
  events: readonly RegistrationEvent[],
): Promise<ChangedUser[]> {
  if (events.length === 0) return [];
  const { rows } = await client.query<ChangedUser>(
    `with said as (
       select distinct on (domain, user_id, node, contact) * from ${SAID}
       order by domain, user_id, node, contact, at_us desc
     ), before as (
       select r.domain, r.user_id, r.node, r.contact from said join registrations r using (domain, user_id, node, contact)
       where not r.is_ended
     ), written as (
       insert into registrations as known (domain, user_id, node, contact, core_uuid, call_id, profile, network_ip,
         network_port, user_agent, registered_at, expires_at)
       select domain, user_id, node, contact, core_uuid, call_id, profile, network_ip, network_port, user_agent,
         ${fromMicroseconds('at_us')}, ${fromMicroseconds('expires_us')}
       from said order by domain, user_id, node, contact
       on conflict (domain, user_id, node, contact) do update set core_uuid = excluded.core_uuid,
         call_id = excluded.call_id, profile = excluded.profile, network_ip = excluded.network_ip,
         network_port = excluded.network_port, user_agent = excluded.user_agent,
         registered_at = excluded.registered_at, expires_at = excluded.expires_at, is_ended = false
       where known.registered_at <= excluded.registered_at
       returning domain, user_id, node, contact
     )
     select distinct domain, user_id from written
     where not exists (select from before where (before.domain, before.user_id, before.node, before.contact)
       = (written.domain, written.user_id, written.node, written.contact))`,
    [rowsOf(events)],
  );
  return rows;
}

/**
 * Ends registrations. What names no contact is of one Call-ID (FreeSWITCH says no more when a browser's or phone's connection
 * closes), and without that of all that the user has on that node. A phone that came back by another connection keeps its Call-ID, and
 * FreeSWITCH may hear of the old one late: the oldest ends, once. They stay for a while, so that late records don't revive them.
 */
export async function endRegistrations(
  client: Queryable,
  events: readonly RegistrationEvent[],
): Promise<ChangedUser[]> {
  if (events.length === 0) return [];
  const { rows } = await client.query<ChangedUser>(
    `with said as (
       select domain, user_id, node, contact, case when contact is null then call_id end as call_id, max(at_us) as at_us
       from ${SAID} group by 1, 2, 3, 4, 5
     ), free as (
       select r.domain, r.user_id, r.node, r.contact, ${fromMicroseconds('said.at_us')} as at
       from said join registrations r on r.domain = said.domain and r.user_id = said.user_id and r.node = said.node
         and r.contact = coalesce(said.contact, r.contact)
         and (said.call_id is null or r.call_id = said.call_id)
       where not r.is_ended and r.registered_at <= ${fromMicroseconds('said.at_us')}
         and (said.call_id is null or not exists (
           select from registrations o where (o.domain, o.user_id, o.node, o.call_id) = (r.domain, r.user_id, r.node, r.call_id)
             and case when o.is_ended then o.registered_at = ${fromMicroseconds('said.at_us')}
               else (o.registered_at, o.contact) < (r.registered_at, r.contact) end))
       order by r.domain, r.user_id, r.node, r.contact for update of r
     ), ended as (
       update registrations r set is_ended = true, registered_at = free.at from free
       where (r.domain, r.user_id, r.node, r.contact) = (free.domain, free.user_id, free.node, free.contact)
       returning r.domain, r.user_id
     )
     select distinct domain, user_id from ended`,
    [rowsOf(events)],
  );
  return rows;
}

/**
 * Ends what a node had and does not list any more. `show registrations` lags a REGISTER: what was heard of in the 5 s before
 * stays, and a record from then on revives what was ended here.
 */
export async function endUnlistedRegistrations(
  client: Queryable,
  { node, at_us, after, through, registrations }: RegistrationResync,
): Promise<ChangedUser[]> {
  const { rows } = await client.query<ChangedUser>(
    `with heard as (select ${fromMicroseconds('$2::bigint')} - interval '5 seconds' as before),
     gone as (
       select r.domain, r.user_id, r.node, r.contact from registrations r
       where r.node = $1 and not r.is_ended and r.registered_at < (select before from heard)
         and ($3::text is null or (r.user_id || '@' || r.domain) collate "C" > $3)
         and ($4::text is null or (r.user_id || '@' || r.domain) collate "C" <= $4)
         and not exists (
           select from unnest($5::text[], $6::text[], $7::text[]) as listed (user_id, domain, contact)
           where (listed.domain, listed.user_id, listed.contact) = (r.domain, r.user_id, r.contact))
       order by r.domain, r.user_id, r.node, r.contact for update of r
     ), ended as (
       update registrations r set is_ended = true, registered_at = (select before from heard) from gone
       where (r.domain, r.user_id, r.node, r.contact) = (gone.domain, gone.user_id, gone.node, gone.contact)
       returning r.domain, r.user_id
     )
     select distinct domain, user_id from ended`,
    [
      node,
      at_us,
      after,
      through,
      registrations.map(({ user }) => user.toLowerCase()),
      registrations.map(({ domain }) => domain.toLowerCase()),
      registrations.map(({ contact }) => contact),
    ],
  );
  return rows;
}

/** Ends what expired before `beforeUs`, and forgets what ended an hour before that. */
export async function endExpiredRegistrations(client: Queryable, beforeUs: number): Promise<ChangedUser[]> {
  await client.query(
    `delete from registrations where (domain, user_id, node, contact) in (
       select domain, user_id, node, contact from registrations
       where is_ended and registered_at < ${fromMicroseconds('$1::bigint')} - interval '1 hour' limit 1000
       for update skip locked)`,
    [beforeUs],
  );
  const { rows } = await client.query<ChangedUser>(
    `with expired as (
       update registrations set is_ended = true where (domain, user_id, node, contact) in (
         select domain, user_id, node, contact from registrations
         where expires_at < ${fromMicroseconds('$1::bigint')} and not is_ended limit 1000 for update skip locked)
       returning domain, user_id
     ) select distinct domain, user_id from expired`,
    [beforeUs],
  );
  return rows;
}

/** Says in the change log whose registrations changed. */
export async function logRegistrationChanges(
  client: Queryable,
  users: readonly ChangedUser[],
): Promise<void> {
  if (users.length === 0) return;
  await client.query(
    `select config_change('registrations', domain, array_agg(distinct user_id))
     from json_to_recordset($1::json) as changed (domain text, user_id text) group by domain order by domain`,
    [jsonOf(users)],
  );
}
