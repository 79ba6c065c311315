-- What routing needs beside the provisioning tables: where carriers' calls come from, which regions help each other
-- out, and time windows that can be trusted.

alter table trunks add column inbound cidr[] not null default '{}';
comment on column trunks.inbound is 'addresses the carrier calls from, besides host';

create table region_fallbacks (
  region plain_name not null,
  fallback plain_name not null,
  position integer not null default 0,
  primary key (region, fallback)
);
comment on table region_fallbacks is 'regions whose nodes take calls when a region has none left, in order of position';
create trigger region_fallbacks_inserted after insert on region_fallbacks referencing new table as new_rows
  for each statement execute function record_config_change('null::text', 'region::text');
create trigger region_fallbacks_updated after update on region_fallbacks
  referencing old table as old_rows new table as new_rows
  for each statement execute function record_config_change('null::text', 'region::text');
create trigger region_fallbacks_deleted after delete on region_fallbacks referencing old table as old_rows
  for each statement execute function record_config_change('null::text', 'region::text');
create trigger region_fallbacks_truncated after truncate on region_fallbacks
  for each statement execute function record_config_change('null::text', 'region::text');

-- [{"days": ["mon", …], "from": "08:00", "to": "18:00", "dates": {"from": "2026-12-24", "to": "2026-12-26"}}, …]
-- Every part may be left out. An empty list means always.
create function are_time_windows(windows jsonb) returns boolean immutable language sql as $$
  select jsonb_typeof(windows) = 'array' and not exists (
    select from jsonb_array_elements(windows) as windows(time_window)
    where jsonb_typeof(time_window) <> 'object'
      or time_window - array['days', 'from', 'to', 'dates'] <> '{}'
      or coalesce(jsonb_path_exists(time_window, '$.days ? (@.type() != "array")', silent => true), false)
      or jsonb_path_exists(time_window, 'strict $.days[*] ? (!(@ like_regex "^(sun|mon|tue|wed|thu|fri|sat)$"))', silent => true)
      or coalesce(time_window ->> 'from' !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$', false)
      or coalesce(time_window ->> 'to' !~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$', false)
      or (time_window ? 'dates' and not coalesce(
        time_window -> 'dates' ->> 'from' ~ '^\d{4}-\d\d-\d\d$' and time_window -> 'dates' ->> 'to' ~ '^\d{4}-\d\d-\d\d$',
        false))
  )
$$;
alter table did_routing add check (are_time_windows(windows));
alter table trunk_routing add check (are_time_windows(windows));
