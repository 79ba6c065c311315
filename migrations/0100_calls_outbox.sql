-- Calls that are to be published stand in a table of their own, written with the call: in an index of calls, the revision kept
-- every update of a call from staying on its page, so that each wrote to all ten indexes. And publishing writes no call any more:
-- published_revision now says what was handed to the outbox.
--
-- The release before goes on: what it finishes comes here by a trigger, and what is here it takes as published. It looks for calls
-- by reading all of them, as its index is gone; whoever goes back to it for longer than an upgrade makes it again:
-- create index calls_to_publish on calls (id) where state = 'finished' and published_revision < revision

create table calls_outbox (
  call_id  uuid primary key,
  revision integer not null,
  is_first boolean not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
comment on table calls_outbox is 'Finished calls, and ids that were superseded, which are to be published on switchfleet.calls';
comment on column calls_outbox.revision is 'the newest revision that is to be published';
comment on column calls_outbox.is_first is 'nobody was told of any revision of it before';
comment on column calls.published_revision is 'the last revision that was handed to calls_outbox, or published by a release without it';

create function note_unpublished_call() returns trigger language plpgsql as $$
begin
  insert into calls_outbox as known (call_id, revision, is_first) values (new.id, new.revision, new.published_revision = 0)
  on conflict (call_id) do update
    set revision = greatest(known.revision, excluded.revision), is_first = known.is_first or excluded.is_first;
  return null;
end
$$;
create trigger calls_unpublished after insert or update on calls for each row
  when (new.state = 'finished' and new.published_revision < new.revision) execute function note_unpublished_call();

insert into calls_outbox (call_id, revision, is_first)
  select id, revision, published_revision = 0 from calls where state = 'finished' and published_revision < revision;

drop index calls_to_publish;

-- The same differences as before. While a call lives, most changes of it concern no sum: making the sums ready cost more than
-- writing the call.

create or replace function note_new_calls() returns trigger language plpgsql as $$
begin
  if exists (select from new_calls n where n.end_at is not null and n.merged_into is null) then
    with said as materialized (
      select 1 as sign, row(n.*)::calls as call from new_calls n where n.end_at is not null and n.merged_into is null
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
    )
    insert into call_rollup_deltas
      select * from parts
      where (attempts, answered, effective, talk_ms, mos_centi, mos_calls, pdd_1, pdd_2, pdd_3, pdd_4, pdd_5, pdd_6, pdd_7, pdd_8, pdd_9, pdd_10, pdd_11, pdd_12, pdd_13, pdd_14, pdd_15, pdd_16) is distinct from (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  end if;
  insert into concurrency_deltas
    select part.at, part.tenant, part.node, sum(part.change)
    from (select row(n.*)::calls as call from new_calls n where n.merged_into is null) as said
    cross join lateral concurrency_of(said.call) as part
    group by part.at, part.tenant, part.node having sum(part.change) <> 0;
  return null;
end
$$;

create or replace function note_changed_calls() returns trigger language plpgsql set enable_nestloop to off as $$
declare
  is_summed boolean;
  is_moved boolean;
begin
  -- Most statements change no figure: calls are answered, finished, corrected where no sum looks.
  select bool_or(o.end_at is not null or n.end_at is not null),
      bool_or((o.tenant, o.nodes, o.end_at, o.merged_into) is distinct from (n.tenant, n.nodes, n.end_at, n.merged_into))
    into is_summed, is_moved
    from old_calls o join new_calls n on n.id = o.id and n.start_at = o.start_at
    where o.digest <> n.digest or o.merged_into is distinct from n.merged_into;
  if is_summed then
    with said as materialized (
      select sign, case sign when 1 then after else before end as call
      from (
        select row(o.*)::calls as before, row(n.*)::calls as after
        from old_calls o join new_calls n on n.id = o.id and n.start_at = o.start_at
        where (o.digest <> n.digest or o.merged_into is distinct from n.merged_into)
          and (o.end_at is not null or n.end_at is not null)
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
    )
    insert into call_rollup_deltas
      select * from parts
      where (attempts, answered, effective, talk_ms, mos_centi, mos_calls, pdd_1, pdd_2, pdd_3, pdd_4, pdd_5, pdd_6, pdd_7, pdd_8, pdd_9, pdd_10, pdd_11, pdd_12, pdd_13, pdd_14, pdd_15, pdd_16) is distinct from (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  end if;
  if is_moved then
    with said as materialized (
      select sign, case sign when 1 then after else before end as call
      from (
        select row(o.*)::calls as before, row(n.*)::calls as after
        from old_calls o join new_calls n on n.id = o.id and n.start_at = o.start_at
        where (o.digest <> n.digest or o.merged_into is distinct from n.merged_into)
          and (o.tenant, o.nodes, o.end_at, o.merged_into) is distinct from (n.tenant, n.nodes, n.end_at, n.merged_into)
      ) as change cross join (values (-1), (1)) as signs (sign)
    )
    insert into concurrency_deltas
      select part.at, part.tenant, part.node, sum(said.sign * part.change)
      from said cross join lateral concurrency_of(said.call) as part
      group by part.at, part.tenant, part.node having sum(said.sign * part.change) <> 0;
  end if;
  return null;
end
$$;
