-- A month of concurrency is a million minutes for a few servers and tenants: whoever asks for a month asks by the hour.

alter table concurrency_hours add column peak integer;
comment on column concurrency_hours.peak is 'the most calls that were up at once in it, less those at its beginning; null: as its minutes say';

update concurrency_hours h set peak = m.peak
from (select hour, tenant, node, max(peak) as peak from concurrency_minutes group by hour, tenant, node) as m
where m.hour = h.hour and m.tenant = h.tenant and m.node = h.node;

create view report.concurrency_hourly as
select h.hour, nullif(h.tenant, '') as tenant, nullif(h.node, '') as node, h.level + busiest.peak as calls
from public.concurrency_hours h
cross join lateral (
  select coalesce(h.peak, (
    select max(m.peak) from public.concurrency_minutes m
    where m.minute >= h.hour and m.minute < h.hour + interval '1 hour' and m.tenant = h.tenant and m.node = h.node
  )) as peak
) as busiest
where busiest.peak is not null;
comment on view report.concurrency_hourly is 'The most calls that were up at once, by the hour: the greatest of its minutes in report.concurrency; an hour in which none began or ended has no row';
comment on column report.concurrency_hourly.hour is 'beginning of the hour, UTC';
comment on column report.concurrency_hourly.tenant is 'whose calls; null: the administrator''s. Sum over tenants of one hour for an upper bound of the fleet''s';
comment on column report.concurrency_hourly.node is 'calls that touch this server; null: all calls of the tenant';
comment on column report.concurrency_hourly.calls is 'the most that were up at once, to the second';
