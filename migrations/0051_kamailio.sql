-- What Kamailio's own modules read from us, as views in the shape of its tables (5.6 and later). Kamailio asks a view as
-- it would a table, but believes every type: each column is cast, and none but attrs is ever null (a null priority is
-- read as garbage). Without its row in `version` Kamailio refuses to start.

create schema kamailio;
comment on schema kamailio is 'views for Kamailio''s dispatcher and auth_db; a role with search_path=kamailio reads them';

-- Free share of each node, from its live load. A node that was not heard for two minutes counts as free: the figures of a
-- dead collector must not steer calls, and Kamailio pings the node itself.
create view kamailio.node_load as
select node.switchname::text as node, node.sip_uri, node.state,
  capacity.max_sessions,
  case
    when capacity.max_sessions = 0 then 0
    when status.load_at < now() - interval '2 minutes' or status.load is null then 1
    else greatest(0, 1 - (status.load ->> 'sessions')::float8 / coalesce(capacity.max_sessions, 1000))
      * least(1, coalesce((status.load ->> 'idle_cpu')::float8, 100) / 30)
  end as free
from public.nodes node
left join public.node_status status on status.node = node.switchname
cross join lateral (
  select least(node.max_sessions, (status.load ->> 'max_sessions')::integer) as max_sessions
) capacity
where node.sip_uri is not null;

-- Members of the dispatch sets; where nobody made one, all nodes are set 1.
create view kamailio.dispatch_member as
select set_id, node::text as node, priority, weight from public.dispatch_members
union all
select 1, switchname::text, 0, 50 from public.nodes where not exists (select from public.dispatch_members);

-- Flags: 4 disabled is no new calls; calls in progress don't ask the dispatcher. (1, inactive, would not do: a ping that is
-- answered makes it active again, and a draining FreeSWITCH answers.) Attributes: weight is a share in
-- percent of its set (algorithm 9), rweight relative (11), maxload a number of calls (10).
create view kamailio.dispatcher as
select row_number() over (order by member.set_id, member.node)::integer as id,
  member.set_id::integer as setid,
  load.sip_uri::varchar as destination,
  case when load.state = 'active' and load.max_sessions is distinct from 0 then 0 else 4 end::integer as flags,
  coalesce(member.priority, 0)::integer as priority,
  concat_ws(';', 'duid=' || load.node,
    'weight=' || floor(100 * share.part / nullif(sum(share.part) over (partition by member.set_id), 0))::integer,
    'rweight=' || greatest(1, least(100, round(100 * load.free)))::integer,
    'maxload=' || load.max_sessions)::varchar as attrs,
  load.node::varchar as description
from kamailio.dispatch_member member
join kamailio.node_load load using (node)
cross join lateral (
  select case load.state when 'active' then member.weight * load.free else 0 end as part
) share;

create view kamailio.subscriber as
select users.id::integer as id,
  users.user_id::varchar as username,
  users.domain::varchar as domain,
  ''::varchar as password,
  users.ha1::varchar as ha1,
  users.ha1b::varchar as ha1b
from public.users join public.domains on domains.name = users.domain
where users.enabled and domains.enabled;

create view kamailio.version as
select table_name::varchar, table_version::integer
from (values ('dispatcher', 4), ('subscriber', 7), ('version', 1)) as versions (table_name, table_version);

-- The role that a Kamailio's login is a member of: it reads these three views and nothing else. A server that does not
-- let us make roles has its administrator make it.
do $$
begin
  create role switchfleet_kamailio nologin;
exception
  when duplicate_object or unique_violation or insufficient_privilege then
    raise notice 'role switchfleet_kamailio was not created here';
end $$;
do $$
begin
  grant usage on schema kamailio to switchfleet_kamailio;
  grant select on kamailio.dispatcher, kamailio.subscriber, kamailio.version to switchfleet_kamailio;
exception
  when undefined_object or insufficient_privilege then
    raise notice 'role switchfleet_kamailio was not granted its views here';
end $$;
