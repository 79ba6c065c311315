-- The same differences as before, found in one pass over the rows that a statement changed. Both functions keep their plan,
-- which was made when a statement changed a few rows: by nested loops, whose time grows with the square of the rows of a
-- batch. Joined by a hash it does not.

create or replace function note_new_calls() returns trigger language plpgsql as $$
begin
  with said as materialized (
    select 1 as sign, row(n.*)::calls as call from new_calls n
  ), parts as (
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
    from said cross join lateral call_rollups_of(said.call) as part
    group by part.hour, part.grouping, part.tenant, part.domain, part.direction, part.trunk, part.node, part.did, part.hangup_cause, part.disposition
  ), traffic as (
    insert into call_rollup_deltas
    select * from parts
    where (attempts, answered, effective, talk_ms, mos_centi, mos_calls, pdd_1, pdd_2, pdd_3, pdd_4, pdd_5, pdd_6, pdd_7, pdd_8, pdd_9, pdd_10, pdd_11, pdd_12, pdd_13, pdd_14, pdd_15, pdd_16) is distinct from (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
  )
  insert into concurrency_deltas
    select part.at, part.tenant, part.node, sum(said.sign * part.change)
    from said cross join lateral concurrency_of(said.call) as part
    group by part.at, part.tenant, part.node having sum(said.sign * part.change) <> 0;
  return null;
end
$$;

create or replace function note_changed_calls() returns trigger language plpgsql set enable_nestloop to off as $$
begin
  -- Most statements change no figure: calls are finished, and noted as published.
  perform from old_calls o join new_calls n on n.id = o.id and n.start_at = o.start_at
    where o.digest <> n.digest or o.merged_into is distinct from n.merged_into;
  if not found then
    return null;
  end if;
  with said as materialized (
    select sign, case sign when 1 then after else before end as call
    from (
      select row(o.*)::calls as before, row(n.*)::calls as after
      from old_calls o join new_calls n on n.id = o.id and n.start_at = o.start_at
      where o.digest <> n.digest or o.merged_into is distinct from n.merged_into
    ) as change cross join (values (-1), (1)) as signs (sign)
  ), parts as (
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
    from said cross join lateral call_rollups_of(said.call) as part
    group by part.hour, part.grouping, part.tenant, part.domain, part.direction, part.trunk, part.node, part.did, part.hangup_cause, part.disposition
  ), traffic as (
    insert into call_rollup_deltas
    select * from parts
    where (attempts, answered, effective, talk_ms, mos_centi, mos_calls, pdd_1, pdd_2, pdd_3, pdd_4, pdd_5, pdd_6, pdd_7, pdd_8, pdd_9, pdd_10, pdd_11, pdd_12, pdd_13, pdd_14, pdd_15, pdd_16) is distinct from (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
  )
  insert into concurrency_deltas
    select part.at, part.tenant, part.node, sum(said.sign * part.change)
    from said cross join lateral concurrency_of(said.call) as part
    group by part.at, part.tenant, part.node having sum(said.sign * part.change) <> 0;
  return null;
end
$$;
