-- When each node last asked for its directory. Nothing else tells a mod_xml_curl that leads elsewhere from one that works.

create table node_lookups (
  node         plain_name primary key references nodes (switchname) on delete cascade on update cascade,
  directory_at timestamptz not null
);

comment on table node_lookups is 'when each node last asked service directory, written by its instances twice a minute';
comment on column node_lookups.directory_at is 'of the newest question that any instance answered';
