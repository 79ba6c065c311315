-- As before, in a form that PostgreSQL writes into the statement (one expression of immutable functions; timestamptz + interval is none)
-- instead of calling it: 0.8 µs in place of 3 µs, several times for each call.
create or replace function call_id_start(id uuid) returns timestamptz language sql immutable strict parallel safe as $$
  select (timestamp 'epoch' + ('x' || replace(substr(id::text, 1, 13), '-', '') || substr(id::text, 16, 3))::bit(60)::bigint
    * interval '1 microsecond') at time zone 'UTC'
$$;
