-- Calls that a REFER began, and legs as each tenant may see them.

alter table legs add column referred_by text;
comment on column legs.referred_by is 'user of the Referred-By header: the call was made because somebody asked for it';
create index legs_referred on legs (start_at) where referred_by is not null;
create index legs_deflected on legs (caller_id_number, start_at) where application = 'deflect';

create view report.referred_calls as
select distinct on (asked.call_id)
  asked.call_id,
  asked.start_at,
  deflected.call_id as referred_from,
  asked.tenant,
  asked.caller_id_number as caller,
  asked.referred_by
from public.legs asked
join public.legs deflected
  on deflected.application = 'deflect' and deflected.caller_id_number = asked.caller_id_number
  and deflected.call_id <> asked.call_id and deflected.tenant is not distinct from asked.tenant
  and deflected.start_at <= asked.start_at and deflected.start_at > asked.start_at - interval '1 day'
  and asked.start_at <= deflected.end_at + interval '10 s'
where asked.referred_by is not null and asked.direction = 'inbound'
order by asked.call_id, deflected.end_at desc;
comment on view report.referred_calls is 'Calls that a caller made because a server asked for it (deflect sends a REFER): linked by the caller, the Referred-By header and time, as nothing else joins the two';
comment on column report.referred_calls.call_id is 'the call that was asked for (report.calls.id)';
comment on column report.referred_calls.start_at is 'when it began';
comment on column report.referred_calls.referred_from is 'the call that was sent away to it (report.calls.id)';
comment on column report.referred_calls.tenant is 'whose calls both are; null: the administrator''s';
comment on column report.referred_calls.caller is 'the caller''s number, of both';
comment on column report.referred_calls.referred_by is 'who asked for it: user of the Referred-By header';

create view report.tenant_legs as
select seer.tenant as seen_by, l.*
from report.legs l
join public.calls c on c.id = l.call_id and c.start_at = call_id_start(l.call_id) and c.merged_into is null
cross join lateral (select c.tenant union select unnest(c.tenants)) as seer (tenant)
where seer.tenant is not null and (seer.tenant = c.tenant or seer.tenant = l.tenant);
comment on view report.tenant_legs is 'Legs as each tenant may see them: all legs of its calls, and of other tenants'' calls its own legs only. Always ask for one seen_by';
do $$
declare
  leg_column record;
begin
  for leg_column in
    select attname, col_description(attrelid, attnum) as comment
    from pg_attribute where attrelid = 'report.legs'::regclass and attnum > 0
  loop
    execute format('comment on column report.tenant_legs.%I is %L', leg_column.attname, leg_column.comment);
  end loop;
end $$;
comment on column report.tenant_legs.seen_by is 'the tenant that may see this leg';
