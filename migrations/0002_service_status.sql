-- What each running instance says about itself every few seconds: the api shows services without calling them.
create table service_status (
  instance text not null,
  service text not null,
  version text not null,
  health jsonb not null,
  -- records that this instance has still to apply; null where it applies none
  lag_records bigint,
  -- age of the oldest of them
  lag_seconds double precision,
  -- age of the snapshot that it answers from; null where it has none
  snapshot_age_seconds double precision,
  started_at timestamptz not null,
  updated_at timestamptz not null default now(),
  primary key (instance, service)
) with (fillfactor = 50);
