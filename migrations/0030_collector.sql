-- Which collector follows which node. The rows are leases: a holder that stops renewing is replaced.

create table collector_members (
  instance_id text primary key,
  seen_at timestamptz not null default now()
);
comment on table collector_members is 'collectors that are alive: the nodes are shared evenly among them';

create table node_leases (
  node text primary key,
  holder text not null,
  expires_at timestamptz not null,
  core_uuid text
);
comment on column node_leases.node is 'switchname';
comment on column node_leases.holder is 'INSTANCE_ID of the collector that follows the node until expires_at, or after it as long as nobody claims it';
comment on column node_leases.core_uuid is 'the core that was last followed: another one there means that FreeSWITCH was restarted, also while nobody looked';
create index node_leases_by_holder on node_leases (holder);
