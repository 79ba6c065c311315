-- The console shows and reads times in the tenant's own zone when somebody chooses so.
alter table tenants add column time_zone text check (length(time_zone) <= 64);

comment on column tenants.time_zone is 'IANA name of the zone its people live in; null: nobody said';
