-- What reports read: rollups of calls by the hour, and how many calls were up by the minute.
--
-- A call counts once it is over (all of its legs have ended) and while its id is not superseded. Whatever changes a row of
-- calls appends the difference, old to new, in the same transaction (the triggers below), so that no row of a rollup is
-- hot; a merger compacts what was appended. The same functions make a call's part when a rollup is built again.
-- Empty texts stand for null in keys.

create table call_rollups (
  hour timestamptz not null,
  grouping text not null check (grouping in ('traffic', 'did', 'cause')),
  tenant text not null,
  domain text not null,
  direction text not null,
  trunk text not null,
  node text not null,
  did text not null,
  hangup_cause text not null,
  disposition text not null,
  attempts bigint not null,
  answered bigint not null,
  effective bigint not null,
  talk_ms bigint not null,
  mos_centi bigint not null,
  mos_calls bigint not null,
  pdd_1 bigint not null,
  pdd_2 bigint not null,
  pdd_3 bigint not null,
  pdd_4 bigint not null,
  pdd_5 bigint not null,
  pdd_6 bigint not null,
  pdd_7 bigint not null,
  pdd_8 bigint not null,
  pdd_9 bigint not null,
  pdd_10 bigint not null,
  pdd_11 bigint not null,
  pdd_12 bigint not null,
  pdd_13 bigint not null,
  pdd_14 bigint not null,
  pdd_15 bigint not null,
  pdd_16 bigint not null,
  primary key (hour, grouping, tenant, domain, direction, trunk, node, did, hangup_cause, disposition)
);
create index call_rollups_by_grouping on call_rollups (grouping, hour);
comment on table call_rollups is 'Sums over calls by the hour of their start, for three groupings: traffic (tenant, domain, direction, trunk, node), did (tenant, domain, DID), cause (tenant, direction, trunk, hangup cause, disposition)';
comment on column call_rollups.node is 'the first node of the call';
comment on column call_rollups.attempts is 'calls';
comment on column call_rollups.answered is 'calls with an answer_at';
comment on column call_rollups.effective is 'calls that the network carried to an outcome of the parties'' own: answered, interrupted, busy, no-answer, cancelled';
comment on column call_rollups.talk_ms is 'milliseconds of talk (calls.billsec)';
comment on column call_rollups.mos_centi is 'sum of MOS, in hundredths, over mos_calls';
comment on column call_rollups.pdd_1 is 'calls with a post-dial delay of up to 100 ms; the next ones: 200, 300, 500, 750, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12000, 20000, 40000, more';

create table call_rollup_deltas (like call_rollups);
comment on table call_rollup_deltas is 'Differences that are not in call_rollups yet: a merger moves them there';

create function call_rollups_of(call calls) returns setof call_rollups language sql stable as $$
  select date_trunc('hour', call.start_at, 'UTC'), g.grouping,
    coalesce(call.tenant, ''),
    case when g.grouping in ('traffic', 'did') then coalesce(call.domain, '') else '' end,
    case when g.grouping in ('traffic', 'cause') then coalesce(call.direction, '') else '' end,
    case when g.grouping in ('traffic', 'cause') then coalesce(call.trunk, '') else '' end,
    case when g.grouping = 'traffic' then coalesce(call.nodes[1], '') else '' end,
    case when g.grouping = 'did' then call.did else '' end,
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
  from (values ('traffic'), ('did'), ('cause')) as g (grouping)
  where call.end_at is not null and call.merged_into is null and (g.grouping <> 'did' or call.did is not null)
$$;
comment on function call_rollups_of is 'what one call adds to call_rollups';

-- How many calls are up: plus one in the second of a call's start, minus one in that of its end; node '' is the whole fleet.
create table concurrency_deltas (
  at     timestamptz not null,
  tenant text not null,
  node   text not null,
  change integer not null
);
comment on table concurrency_deltas is 'Changes of the number of calls that are up which are not in concurrency_seconds yet: a merger moves them there';

create table concurrency_seconds (
  at     timestamptz not null,
  tenant text not null,
  node   text not null,
  change integer not null,
  primary key (at, tenant, node)
) partition by range (at);
comment on table concurrency_seconds is 'By how much the number of calls that are up changed in a second; partitioned by month of at';
create table concurrency_seconds_default partition of concurrency_seconds default;

create table concurrency_minutes (
  minute timestamptz not null,
  hour   timestamptz not null,
  tenant text not null,
  node   text not null,
  peak   integer not null,
  primary key (minute, tenant, node)
);
comment on table concurrency_minutes is 'Minutes in which calls began or ended, made of concurrency_seconds';
comment on column concurrency_minutes.peak is 'the most calls that were up at once in it, less those at the beginning of its hour';

create table concurrency_hours (
  hour   timestamptz not null,
  tenant text not null,
  node   text not null,
  change integer not null,
  level  integer not null,
  primary key (tenant, node, hour)
);
comment on table concurrency_hours is 'Hours in which calls began or ended';
comment on column concurrency_hours.change is 'calls that are up at its end, less those at its beginning';
comment on column concurrency_hours.level is 'calls that are up at its beginning';

create function concurrency_of(call calls) returns setof concurrency_deltas language sql stable as $$
  select date_trunc('second', moment.at), coalesce(call.tenant, ''), place.node, moment.change
  from (values (call.start_at, 1), (call.end_at, -1)) as moment (at, change)
  cross join unnest(call.nodes || ''::text) as place (node)
  where moment.at is not null and call.merged_into is null
$$;
comment on function concurrency_of is 'what one call adds to concurrency_seconds: to each of its nodes, and to the fleet';

create function note_new_calls() returns trigger language plpgsql as $$
begin
  insert into call_rollup_deltas
    select part.hour, part.grouping, part.tenant, part.domain, part.direction, part.trunk, part.node, part.did, part.hangup_cause, part.disposition,
      sum(said.sign * part.attempts) as attempts,
      sum(said.sign * part.answered) as answered,
      sum(said.sign * part.effective) as effective,
      sum(said.sign * part.talk_ms) as talk_ms,
      sum(said.sign * part.mos_centi) as mos_centi,
      sum(said.sign * part.mos_calls) as mos_calls,
      sum(said.sign * part.pdd_1) as pdd_1,
      sum(said.sign * part.pdd_2) as pdd_2,
      sum(said.sign * part.pdd_3) as pdd_3,
      sum(said.sign * part.pdd_4) as pdd_4,
      sum(said.sign * part.pdd_5) as pdd_5,
      sum(said.sign * part.pdd_6) as pdd_6,
      sum(said.sign * part.pdd_7) as pdd_7,
      sum(said.sign * part.pdd_8) as pdd_8,
      sum(said.sign * part.pdd_9) as pdd_9,
      sum(said.sign * part.pdd_10) as pdd_10,
      sum(said.sign * part.pdd_11) as pdd_11,
      sum(said.sign * part.pdd_12) as pdd_12,
      sum(said.sign * part.pdd_13) as pdd_13,
      sum(said.sign * part.pdd_14) as pdd_14,
      sum(said.sign * part.pdd_15) as pdd_15,
      sum(said.sign * part.pdd_16) as pdd_16
    from (select 1 as sign, row(n.*)::calls as call from new_calls n) as said
    cross join lateral call_rollups_of(said.call) as part
    group by part.hour, part.grouping, part.tenant, part.domain, part.direction, part.trunk, part.node, part.did, part.hangup_cause, part.disposition
    having sum(said.sign * part.attempts) <> 0 or sum(said.sign * part.answered) <> 0 or sum(said.sign * part.effective) <> 0 or sum(said.sign * part.talk_ms) <> 0 or sum(said.sign * part.mos_centi) <> 0 or sum(said.sign * part.mos_calls) <> 0 or sum(said.sign * part.pdd_1) <> 0 or sum(said.sign * part.pdd_2) <> 0 or sum(said.sign * part.pdd_3) <> 0 or sum(said.sign * part.pdd_4) <> 0 or sum(said.sign * part.pdd_5) <> 0 or sum(said.sign * part.pdd_6) <> 0 or sum(said.sign * part.pdd_7) <> 0 or sum(said.sign * part.pdd_8) <> 0 or sum(said.sign * part.pdd_9) <> 0 or sum(said.sign * part.pdd_10) <> 0 or sum(said.sign * part.pdd_11) <> 0 or sum(said.sign * part.pdd_12) <> 0 or sum(said.sign * part.pdd_13) <> 0 or sum(said.sign * part.pdd_14) <> 0 or sum(said.sign * part.pdd_15) <> 0 or sum(said.sign * part.pdd_16) <> 0;
  insert into concurrency_deltas
    select part.at, part.tenant, part.node, sum(said.sign * part.change)
    from (select 1 as sign, row(n.*)::calls as call from new_calls n) as said
    cross join lateral concurrency_of(said.call) as part
    group by part.at, part.tenant, part.node having sum(said.sign * part.change) <> 0;
  return null;
end
$$;
create function note_changed_calls() returns trigger language plpgsql as $$
begin
  insert into call_rollup_deltas
    select part.hour, part.grouping, part.tenant, part.domain, part.direction, part.trunk, part.node, part.did, part.hangup_cause, part.disposition,
      sum(said.sign * part.attempts) as attempts,
      sum(said.sign * part.answered) as answered,
      sum(said.sign * part.effective) as effective,
      sum(said.sign * part.talk_ms) as talk_ms,
      sum(said.sign * part.mos_centi) as mos_centi,
      sum(said.sign * part.mos_calls) as mos_calls,
      sum(said.sign * part.pdd_1) as pdd_1,
      sum(said.sign * part.pdd_2) as pdd_2,
      sum(said.sign * part.pdd_3) as pdd_3,
      sum(said.sign * part.pdd_4) as pdd_4,
      sum(said.sign * part.pdd_5) as pdd_5,
      sum(said.sign * part.pdd_6) as pdd_6,
      sum(said.sign * part.pdd_7) as pdd_7,
      sum(said.sign * part.pdd_8) as pdd_8,
      sum(said.sign * part.pdd_9) as pdd_9,
      sum(said.sign * part.pdd_10) as pdd_10,
      sum(said.sign * part.pdd_11) as pdd_11,
      sum(said.sign * part.pdd_12) as pdd_12,
      sum(said.sign * part.pdd_13) as pdd_13,
      sum(said.sign * part.pdd_14) as pdd_14,
      sum(said.sign * part.pdd_15) as pdd_15,
      sum(said.sign * part.pdd_16) as pdd_16
    from (select -1 as sign, row(o.*)::calls as call from old_calls o join new_calls n on n.id = o.id and n.start_at = o.start_at
      where o.digest <> n.digest or o.merged_into is distinct from n.merged_into
      union all select 1, row(n.*)::calls from old_calls o join new_calls n on n.id = o.id and n.start_at = o.start_at
      where o.digest <> n.digest or o.merged_into is distinct from n.merged_into) as said
    cross join lateral call_rollups_of(said.call) as part
    group by part.hour, part.grouping, part.tenant, part.domain, part.direction, part.trunk, part.node, part.did, part.hangup_cause, part.disposition
    having sum(said.sign * part.attempts) <> 0 or sum(said.sign * part.answered) <> 0 or sum(said.sign * part.effective) <> 0 or sum(said.sign * part.talk_ms) <> 0 or sum(said.sign * part.mos_centi) <> 0 or sum(said.sign * part.mos_calls) <> 0 or sum(said.sign * part.pdd_1) <> 0 or sum(said.sign * part.pdd_2) <> 0 or sum(said.sign * part.pdd_3) <> 0 or sum(said.sign * part.pdd_4) <> 0 or sum(said.sign * part.pdd_5) <> 0 or sum(said.sign * part.pdd_6) <> 0 or sum(said.sign * part.pdd_7) <> 0 or sum(said.sign * part.pdd_8) <> 0 or sum(said.sign * part.pdd_9) <> 0 or sum(said.sign * part.pdd_10) <> 0 or sum(said.sign * part.pdd_11) <> 0 or sum(said.sign * part.pdd_12) <> 0 or sum(said.sign * part.pdd_13) <> 0 or sum(said.sign * part.pdd_14) <> 0 or sum(said.sign * part.pdd_15) <> 0 or sum(said.sign * part.pdd_16) <> 0;
  insert into concurrency_deltas
    select part.at, part.tenant, part.node, sum(said.sign * part.change)
    from (select -1 as sign, row(o.*)::calls as call from old_calls o join new_calls n on n.id = o.id and n.start_at = o.start_at
      where o.digest <> n.digest or o.merged_into is distinct from n.merged_into
      union all select 1, row(n.*)::calls from old_calls o join new_calls n on n.id = o.id and n.start_at = o.start_at
      where o.digest <> n.digest or o.merged_into is distinct from n.merged_into) as said
    cross join lateral concurrency_of(said.call) as part
    group by part.at, part.tenant, part.node having sum(said.sign * part.change) <> 0;
  return null;
end
$$;

create trigger calls_inserted after insert on calls referencing new table as new_calls
  for each statement execute function note_new_calls();
create trigger calls_updated after update on calls referencing old table as old_calls new table as new_calls
  for each statement execute function note_changed_calls();

-- The reports.

create function report.percentile_ms(fraction double precision, counts bigint[]) returns double precision
language sql immutable parallel safe as $$
  with bounds as (
    select count, below, above, sum(count) over (order by above) - count as before, sum(count) over () as total
    from unnest(counts, array[0, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12000, 20000, 40000]::double precision[], array[100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12000, 20000, 40000, 60000]::double precision[])
      as bucket (count, below, above)
  )
  select round((below + (above - below) * greatest(0, fraction * total - before) / count)::numeric)::double precision
  from bounds where count > 0 and before + count >= fraction * total order by above limit 1
$$;
comment on function report.percentile_ms is 'the value below which a fraction of all lies, from a histogram: exact to its bucket, within it by proportion';

create view report.traffic_hourly as
select
  hour,
  nullif(tenant, '') as tenant,
  nullif(domain, '') as domain,
  nullif(direction, '') as direction,
  nullif(trunk, '') as trunk,
  nullif(node, '') as node,
  sum(attempts)::bigint as attempts,
  sum(answered)::bigint as answered,
  round(100.0 * sum(answered) / sum(attempts), 2) as asr,
  round(sum(talk_ms) / 1000.0 / nullif(sum(answered), 0), 2) as acd,
  round(100.0 * sum(effective) / sum(attempts), 2) as ner,
  report.percentile_ms(0.5, array[sum(pdd_1)::bigint, sum(pdd_2)::bigint, sum(pdd_3)::bigint, sum(pdd_4)::bigint, sum(pdd_5)::bigint, sum(pdd_6)::bigint, sum(pdd_7)::bigint, sum(pdd_8)::bigint, sum(pdd_9)::bigint, sum(pdd_10)::bigint, sum(pdd_11)::bigint, sum(pdd_12)::bigint, sum(pdd_13)::bigint, sum(pdd_14)::bigint, sum(pdd_15)::bigint, sum(pdd_16)::bigint]) as pdd_p50_ms,
  report.percentile_ms(0.95, array[sum(pdd_1)::bigint, sum(pdd_2)::bigint, sum(pdd_3)::bigint, sum(pdd_4)::bigint, sum(pdd_5)::bigint, sum(pdd_6)::bigint, sum(pdd_7)::bigint, sum(pdd_8)::bigint, sum(pdd_9)::bigint, sum(pdd_10)::bigint, sum(pdd_11)::bigint, sum(pdd_12)::bigint, sum(pdd_13)::bigint, sum(pdd_14)::bigint, sum(pdd_15)::bigint, sum(pdd_16)::bigint]) as pdd_p95_ms,
  round(sum(talk_ms) / 60000.0, 2) as minutes,
  round(sum(mos_centi) / 100.0 / nullif(sum(mos_calls), 0), 2) as mos
from (select * from public.call_rollups union all select * from public.call_rollup_deltas) as parts
where grouping = 'traffic'
group by hour, parts.tenant, parts.domain, parts.direction, parts.trunk, parts.node
having sum(attempts) > 0;
comment on view report.traffic_hourly is 'Traffic by the hour, tenant, domain, direction, trunk and node. To add rows up, sum attempts, answered and minutes, and divide again: ratios and percentiles do not add up';
comment on column report.traffic_hourly.hour is 'hour of the calls start, UTC';
comment on column report.traffic_hourly.tenant is 'whose call it is; null: the administrators';
comment on column report.traffic_hourly.domain is 'the SIP domain of the call';
comment on column report.traffic_hourly.direction is 'inbound, outbound or internal, as the fleet sees it';
comment on column report.traffic_hourly.trunk is 'the carrier connection it came or went by';
comment on column report.traffic_hourly.node is 'the first server of the call';
comment on column report.traffic_hourly.attempts is 'calls that began in that hour and are over';
comment on column report.traffic_hourly.answered is 'those of them that somebody or something answered';
comment on column report.traffic_hourly.asr is 'answer-seizure ratio, percent: answered / attempts';
comment on column report.traffic_hourly.acd is 'average call duration, seconds: talk of answered calls / answered';
comment on column report.traffic_hourly.ner is 'network effectiveness ratio, percent: calls that ended as the parties chose (answered, busy, no-answer, cancelled, interrupted) / attempts';
comment on column report.traffic_hourly.pdd_p50_ms is 'post-dial delay, median, milliseconds, from a histogram';
comment on column report.traffic_hourly.pdd_p95_ms is 'post-dial delay that 95 of 100 calls stay under, milliseconds, from a histogram';
comment on column report.traffic_hourly.minutes is 'minutes of talk';
comment on column report.traffic_hourly.mos is 'mean of the calls worst MOS; null without received audio';

create view report.traffic_hourly_by_did as
select
  hour,
  nullif(tenant, '') as tenant,
  nullif(domain, '') as domain,
  nullif(did, '') as did,
  sum(attempts)::bigint as attempts,
  sum(answered)::bigint as answered,
  round(100.0 * sum(answered) / sum(attempts), 2) as asr,
  round(sum(talk_ms) / 1000.0 / nullif(sum(answered), 0), 2) as acd,
  round(100.0 * sum(effective) / sum(attempts), 2) as ner,
  report.percentile_ms(0.5, array[sum(pdd_1)::bigint, sum(pdd_2)::bigint, sum(pdd_3)::bigint, sum(pdd_4)::bigint, sum(pdd_5)::bigint, sum(pdd_6)::bigint, sum(pdd_7)::bigint, sum(pdd_8)::bigint, sum(pdd_9)::bigint, sum(pdd_10)::bigint, sum(pdd_11)::bigint, sum(pdd_12)::bigint, sum(pdd_13)::bigint, sum(pdd_14)::bigint, sum(pdd_15)::bigint, sum(pdd_16)::bigint]) as pdd_p50_ms,
  report.percentile_ms(0.95, array[sum(pdd_1)::bigint, sum(pdd_2)::bigint, sum(pdd_3)::bigint, sum(pdd_4)::bigint, sum(pdd_5)::bigint, sum(pdd_6)::bigint, sum(pdd_7)::bigint, sum(pdd_8)::bigint, sum(pdd_9)::bigint, sum(pdd_10)::bigint, sum(pdd_11)::bigint, sum(pdd_12)::bigint, sum(pdd_13)::bigint, sum(pdd_14)::bigint, sum(pdd_15)::bigint, sum(pdd_16)::bigint]) as pdd_p95_ms,
  round(sum(talk_ms) / 60000.0, 2) as minutes,
  round(sum(mos_centi) / 100.0 / nullif(sum(mos_calls), 0), 2) as mos
from (select * from public.call_rollups union all select * from public.call_rollup_deltas) as parts
where grouping = 'did'
group by hour, parts.tenant, parts.domain, parts.did
having sum(attempts) > 0;
comment on view report.traffic_hourly_by_did is 'Traffic by the hour and DID: calls to numbers of ours';
comment on column report.traffic_hourly_by_did.hour is 'hour of the calls start, UTC';
comment on column report.traffic_hourly_by_did.tenant is 'whose call it is; null: the administrators';
comment on column report.traffic_hourly_by_did.domain is 'the SIP domain of the call';
comment on column report.traffic_hourly_by_did.did is 'the number that was called';
comment on column report.traffic_hourly_by_did.attempts is 'calls that began in that hour and are over';
comment on column report.traffic_hourly_by_did.answered is 'those of them that somebody or something answered';
comment on column report.traffic_hourly_by_did.asr is 'answer-seizure ratio, percent: answered / attempts';
comment on column report.traffic_hourly_by_did.acd is 'average call duration, seconds: talk of answered calls / answered';
comment on column report.traffic_hourly_by_did.ner is 'network effectiveness ratio, percent: calls that ended as the parties chose (answered, busy, no-answer, cancelled, interrupted) / attempts';
comment on column report.traffic_hourly_by_did.pdd_p50_ms is 'post-dial delay, median, milliseconds, from a histogram';
comment on column report.traffic_hourly_by_did.pdd_p95_ms is 'post-dial delay that 95 of 100 calls stay under, milliseconds, from a histogram';
comment on column report.traffic_hourly_by_did.minutes is 'minutes of talk';
comment on column report.traffic_hourly_by_did.mos is 'mean of the calls worst MOS; null without received audio';

create view report.hangup_causes as
select
  hour,
  nullif(tenant, '') as tenant,
  nullif(direction, '') as direction,
  nullif(trunk, '') as trunk,
  nullif(hangup_cause, '') as hangup_cause,
  nullif(disposition, '') as disposition,
  sum(attempts)::bigint as calls
from (select * from public.call_rollups union all select * from public.call_rollup_deltas) as parts
where grouping = 'cause'
group by hour, parts.tenant, parts.direction, parts.trunk, parts.hangup_cause, parts.disposition
having sum(attempts) > 0;
comment on view report.hangup_causes is 'Why calls ended, by the hour';
comment on column report.hangup_causes.hour is 'hour of the calls start, UTC';
comment on column report.hangup_causes.tenant is 'whose call it is; null: the administrators';
comment on column report.hangup_causes.direction is 'inbound, outbound or internal, as the fleet sees it';
comment on column report.hangup_causes.trunk is 'the carrier connection it came or went by';
comment on column report.hangup_causes.hangup_cause is 'FreeSWITCH''s cause of the first leg, such as NORMAL_CLEARING';
comment on column report.hangup_causes.disposition is 'answered, busy, no-answer, cancelled, failed or interrupted';
comment on column report.hangup_causes.calls is 'calls that began in that hour and are over';

create view report.concurrency as
select
  m.minute,
  nullif(m.tenant, '') as tenant,
  nullif(m.node, '') as node,
  h.level + m.peak as calls
from public.concurrency_minutes m
join public.concurrency_hours h
  on h.hour = m.hour and h.tenant = m.tenant and h.node = m.node;
comment on view report.concurrency is 'The most calls that were up at once, by the minute; a minute in which none began or ended has no row: it has what the one before it ended with';
comment on column report.concurrency.minute is 'beginning of the minute';
comment on column report.concurrency.tenant is 'whose calls; null: the administrator''s. Sum over tenants of one minute for an upper bound of the fleet''s';
comment on column report.concurrency.node is 'calls that touch this server; null: all calls of the tenant';
comment on column report.concurrency.calls is 'the most that were up at once, to the second';

create view report.calls as
select
  id,
  start_at,
  answer_at,
  end_at,
  state,
  tenant,
  domain,
  direction,
  caller_id_name,
  caller,
  callee,
  did,
  trunk,
  nodes,
  legs,
  cardinality(legs) as leg_count,
  duration,
  billsec,
  pdd_ms,
  hangup_cause,
  hangup_by,
  disposition,
  answered_by,
  mos,
  recording_paths,
  transfers
from public.calls
where merged_into is null;
comment on view report.calls is 'One row for each call, over all servers: the only thing to count';
comment on column report.calls.id is 'of the call: an id that it had before leads here through merged_into of table calls';
comment on column report.calls.start_at is 'start of its earliest leg';
comment on column report.calls.answer_at is 'when somebody or something answered the caller; null: nobody did. Waiting in a queue or in park is no answer';
comment on column report.calls.end_at is 'when its last leg ended; null while it lives';
comment on column report.calls.state is 'live, or finished once all legs have ended and the grace time has passed';
comment on column report.calls.tenant is 'whose call it is: the tenant of its first leg; null: the administrator''s';
comment on column report.calls.domain is 'SIP domain of the first leg';
comment on column report.calls.direction is 'inbound (from a carrier), outbound (to a carrier) or internal';
comment on column report.calls.caller_id_name is 'the caller''s name';
comment on column report.calls.caller is 'the caller''s number, as the first leg was born';
comment on column report.calls.callee is 'the number that the first server was asked for';
comment on column report.calls.did is 'that number, when it is one of our DIDs';
comment on column report.calls.trunk is 'the carrier connection it came or went by';
comment on column report.calls.nodes is 'servers, in order of the SIP path';
comment on column report.calls.legs is 'uuids of its legs, in order of the SIP path';
comment on column report.calls.leg_count is 'how many legs';
comment on column report.calls.duration is 'seconds from start to end';
comment on column report.calls.billsec is 'seconds of talk: from the answer until nobody talked any more, or the server died that carried it';
comment on column report.calls.pdd_ms is 'post-dial delay: milliseconds until the caller heard or saw that it rings or is answered';
comment on column report.calls.hangup_cause is 'of the first leg';
comment on column report.calls.hangup_by is 'caller, callee or system';
comment on column report.calls.disposition is 'answered, busy, no-answer, cancelled, failed or interrupted; null while it lives';
comment on column report.calls.answered_by is 'user, external, voicemail, conference, queue or ivr; null: nobody';
comment on column report.calls.mos is 'the worst of its legs'' mean opinion scores; null when no packet was received';
comment on column report.calls.recording_paths is 'where its recordings are, as the dialplan named them';
comment on column report.calls.transfers is 'each transfer: its kind and the number it went to';

create view report.live_calls as
select
  id,
  start_at,
  answer_at,
  tenant,
  domain,
  direction,
  caller_id_name,
  caller,
  callee,
  did,
  trunk,
  nodes,
  legs,
  cardinality(legs) as leg_count,
  pdd_ms,
  answered_by
from public.calls
where merged_into is null and end_at is null and state = 'live';
comment on view report.live_calls is 'Calls that are up now';
comment on column report.live_calls.id is 'of the call: an id that it had before leads here through merged_into of table calls';
comment on column report.live_calls.start_at is 'start of its earliest leg';
comment on column report.live_calls.answer_at is 'when somebody or something answered the caller; null: nobody did. Waiting in a queue or in park is no answer';
comment on column report.live_calls.tenant is 'whose call it is: the tenant of its first leg; null: the administrator''s';
comment on column report.live_calls.domain is 'SIP domain of the first leg';
comment on column report.live_calls.direction is 'inbound (from a carrier), outbound (to a carrier) or internal';
comment on column report.live_calls.caller_id_name is 'the caller''s name';
comment on column report.live_calls.caller is 'the caller''s number, as the first leg was born';
comment on column report.live_calls.callee is 'the number that the first server was asked for';
comment on column report.live_calls.did is 'that number, when it is one of our DIDs';
comment on column report.live_calls.trunk is 'the carrier connection it came or went by';
comment on column report.live_calls.nodes is 'servers, in order of the SIP path';
comment on column report.live_calls.legs is 'uuids of its legs, in order of the SIP path';
comment on column report.live_calls.leg_count is 'how many legs';
comment on column report.live_calls.pdd_ms is 'post-dial delay: milliseconds until the caller heard or saw that it rings or is answered';
comment on column report.live_calls.answered_by is 'user, external, voicemail, conference, queue or ivr; null: nobody';

create index calls_up on calls (start_at) where end_at is null;

create view report.legs as
select
  uuid,
  call_id,
  start_at,
  progress_at,
  progress_media_at,
  answer_at,
  bridged_at,
  end_at,
  state,
  ended_by,
  node,
  direction,
  caller_id_name,
  caller_id_number,
  destination_number,
  context,
  channel_name,
  accountcode,
  domain,
  tenant,
  trunk,
  originator,
  sip_call_id,
  duration,
  billsec,
  hangup_cause,
  hangup_cause_q850,
  sip_hangup_disposition,
  sip_status,
  conference,
  queue,
  mos,
  recording_paths,
  is_interrupted
from public.legs
where evidence is not null;
comment on view report.legs is 'One row for each leg (channel) of every call, as events and CDRs together tell it';
comment on column report.legs.uuid is 'the channel''s uuid in FreeSWITCH';
comment on column report.legs.call_id is 'the call it is of (report.calls.id)';
comment on column report.legs.start_at is 'when the channel was created';
comment on column report.legs.progress_at is 'when it rang';
comment on column report.legs.progress_media_at is 'when early media began';
comment on column report.legs.answer_at is 'when it was answered';
comment on column report.legs.bridged_at is 'when it was first put through to another leg';
comment on column report.legs.end_at is 'when it ended; null while it lives';
comment on column report.legs.state is 'ringing, early, answered, held or ended';
comment on column report.legs.ended_by is 'how its end is known: hangup, cdr, resync, core-changed or node-lost';
comment on column report.legs.node is 'the FreeSWITCH server';
comment on column report.legs.direction is 'inbound or outbound, as FreeSWITCH sees the leg';
comment on column report.legs.caller_id_name is 'at its birth, before transfers and pick-ups';
comment on column report.legs.caller_id_number is 'at its birth, before transfers and pick-ups';
comment on column report.legs.destination_number is 'at its birth, before transfers and pick-ups';
comment on column report.legs.context is 'dialplan context at its birth';
comment on column report.legs.channel_name is 'as FreeSWITCH names it';
comment on column report.legs.accountcode is 'accountcode of the channel';
comment on column report.legs.domain is 'SIP domain it belongs to';
comment on column report.legs.tenant is 'whose leg it is; null: the administrator''s';
comment on column report.legs.trunk is 'the carrier connection, when it is one';
comment on column report.legs.originator is 'uuid of the leg that made it';
comment on column report.legs.sip_call_id is 'Call-ID of its SIP dialog';
comment on column report.legs.duration is 'seconds from start to end';
comment on column report.legs.billsec is 'seconds from answer to end; 0 when it was never answered';
comment on column report.legs.hangup_cause is 'such as NORMAL_CLEARING';
comment on column report.legs.hangup_cause_q850 is 'the same as a number of Q.850';
comment on column report.legs.sip_hangup_disposition is 'which side ended the dialog and how: send_bye, recv_cancel, send_refuse, …';
comment on column report.legs.sip_status is 'final SIP status of a failed leg';
comment on column report.legs.conference is 'name of the conference it was in';
comment on column report.legs.queue is 'name of the queue it was in';
comment on column report.legs.mos is 'mean opinion score of received audio; null when no packet was received';
comment on column report.legs.recording_paths is 'where its recordings are';
comment on column report.legs.is_interrupted is 'its server died under it, and nothing says how else it ended';

