-- Where outbound calls went: a fourth grouping of call_rollups, by the beginning of the number that was called. Column did
-- holds it. What calls said before this migration gets its sums by switchfleet rollup rebuild; reports say where they are missing.

create function call_destination(callee text) returns text language sql immutable parallel safe as $$
  select case
    when callee ~ '^(\+|00|011)[1-9][0-9]{5,14}$' then '+' || left(regexp_replace(callee, '^(\+|00|011)', ''), 6)
    when callee ~ '^[0-9]{7,15}$' then left(callee, 6)
    else '' end
$$;
comment on function call_destination is 'the first six digits of a number that was called: with + where it is international; as dialled else; empty for extensions and names';

alter table call_rollups drop constraint call_rollups_grouping_check;
alter table call_rollups add constraint call_rollups_grouping_check check (grouping in ('traffic', 'did', 'cause', 'destination'));
comment on table call_rollups is 'Sums over calls by the hour of their start, for four groupings: traffic (tenant, domain, direction, trunk, node), did (tenant, domain, DID), cause (tenant, direction, trunk, hangup cause, disposition), destination (outbound calls: tenant, domain, trunk, node, beginning of the number called)';
comment on column call_rollups.did is 'the DID; for the grouping destination, what call_destination says of the number called';

create or replace function call_rollups_of(call calls) returns setof call_rollups language sql stable as $$
  select date_trunc('hour', call.start_at, 'UTC'), g.grouping,
    coalesce(call.tenant, ''),
    case when g.grouping in ('traffic', 'did', 'destination') then coalesce(call.domain, '') else '' end,
    case when g.grouping in ('traffic', 'cause', 'destination') then coalesce(call.direction, '') else '' end,
    case when g.grouping in ('traffic', 'cause', 'destination') then coalesce(call.trunk, '') else '' end,
    case when g.grouping in ('traffic', 'destination') then coalesce(call.nodes[1], '') else '' end,
    case g.grouping when 'did' then call.did when 'destination' then call_destination(call.callee) else '' end,
    case when g.grouping = 'cause' then coalesce(call.hangup_cause, '') else '' end,
    case when g.grouping = 'cause' then coalesce(call.disposition, '') else '' end,
    1::bigint, (call.answer_at is not null)::integer,
    coalesce(call.disposition in ('answered', 'interrupted', 'busy', 'no-answer', 'cancelled'), false)::integer,
    coalesce(round(call.billsec * 1000), 0)::bigint,
    coalesce(round(call.mos * 100), 0)::bigint, (call.mos is not null)::integer,
    (call.pdd_ms is not null and call.pdd_ms <= 100)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 100 and call.pdd_ms <= 200)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 200 and call.pdd_ms <= 300)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 300 and call.pdd_ms <= 500)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 500 and call.pdd_ms <= 750)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 750 and call.pdd_ms <= 1000)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 1000 and call.pdd_ms <= 1500)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 1500 and call.pdd_ms <= 2000)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 2000 and call.pdd_ms <= 3000)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 3000 and call.pdd_ms <= 4000)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 4000 and call.pdd_ms <= 6000)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 6000 and call.pdd_ms <= 8000)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 8000 and call.pdd_ms <= 12000)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 12000 and call.pdd_ms <= 20000)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 20000 and call.pdd_ms <= 40000)::integer,
    (call.pdd_ms is not null and call.pdd_ms > 40000)::integer
  from (values ('traffic'), ('did'), ('cause'), ('destination')) as g (grouping)
  where call.end_at is not null and call.merged_into is null 
    and case g.grouping when 'did' then call.did is not null when 'destination' then call.direction = 'outbound' else true end
$$;
