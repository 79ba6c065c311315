-- Days of the week in time windows were always refused: a lax path looks into arrays before it asks for their type.
create or replace function are_time_windows(windows jsonb) returns boolean immutable language sql as $$
  select jsonb_typeof(windows) = 'array' and not exists (
    select from jsonb_array_elements(windows) as windows(time_window)
    where jsonb_typeof(time_window) <> 'object'
      or time_window - array['days', 'from', 'to', 'dates'] <> '{}'
      or coalesce(jsonb_typeof(time_window -> 'days') <> 'array', false)
      or jsonb_path_exists(time_window, 'strict $.days[*] ? (!(@ like_regex "^(sun|mon|tue|wed|thu|fri|sat)$"))', silent => true)
      or coalesce(time_window ->> 'from' !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$', false)
      or coalesce(time_window ->> 'to' !~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$', false)
      or (time_window ? 'dates' and not coalesce(
        time_window -> 'dates' ->> 'from' ~ '^\d{4}-\d\d-\d\d$' and time_window -> 'dates' ->> 'to' ~ '^\d{4}-\d\d-\d\d$',
        false))
  )
$$;
